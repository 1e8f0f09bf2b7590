/** What is told as an outage is what NATS itself says, asked beside kvflow. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { startFaultyCluster } from './cluster.ts';
import { startOutages } from './outages.ts';

const CUT_MS = 1_500;

test('outages - that of a leaf node lasts until its server has joined its cluster again, and calls are measured from there', async () => {
  await using cluster = await startFaultyCluster();
  const leaf = await cluster.leaf();
  await using outages = await startOutages(cluster.urls, leaf.url);
  const began = Date.now();
  cluster.isolateLeaf(true);
  await sleep(CUT_MS);
  cluster.isolateLeaf(false);
  const ended = await eventually(() => {
    const now = Date.now();
    expect(outages.beyond(began, now)).toBeLessThanOrEqual(now - began - CUT_MS);
    return now;
  });
  // A busy machine looks seldom.
  expect(outages.longest()).toBeGreaterThanOrEqual(CUT_MS / 2);
  // What began after it is measured from its own beginning.
  expect(outages.beyond(ended, ended + 100)).toBe(100);
}, 120_000);
