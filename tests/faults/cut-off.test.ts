/**
 * A server that leads a bucket is cut off from the two others, and with it a kvflow: until it gives up, after ten seconds, it would answer
 * reads with what was there before, though the others lead the bucket by then and take writes. One that knows other servers leaves it.
 */
import { expect, test } from '@jest/globals';
import { isFailure } from '../../runtime/core/envelope.ts';
import { calls } from '../support/calls.ts';
import { eventually } from '../support/eventually.ts';
import { joinNats } from '../support/kvflow.ts';
import { startFaultyCluster } from './cluster.ts';

const bucket = 'parted';
const KEYS = ['a', 'b'];
const SOON = { timeoutMs: 1_000 };

test('cut off - nothing old is read through the former leader, and a write under way there is stored once', async () => {
  await using cluster = await startFaultyCluster();
  await using setup = joinNats({ servers: cluster.urls });
  await calls.create(setup, { bucket, history: 5, num_replicas: 3 });
  for (const key of KEYS) await calls.put(setup, { bucket, key, value: 'old' });
  const leader = await cluster.leaderOf(`KV_${bucket}`);
  const urlOf = (server: number) => [cluster.urls[server % 3] ?? ''];
  await using inside = joinNats({ servers: urlOf(leader), onlyThese: true });
  await using leaving = joinNats({ servers: urlOf(leader) });
  await using outside = joinNats({ servers: urlOf(leader + 1) });
  // Each has read before, so that nothing but the reads themselves is asked of the cluster.
  for (const kvflow of [inside, leaving, outside]) await calls.get(kvflow, { bucket, key: 'a' });

  cluster.isolate(leader, true);
  const long = { deadline: Date.now() + 100_000 };
  const underWay = inside.nats.kv.put(long, { bucket, key: 'under-way', value: 'x' });
  underWay.catch(() => undefined); // Whoever waits for it is told.
  const led = leaving.nats.serverInfo()?.url;
  const elsewhere = leaving.nats.kv.put(long, { bucket, key: 'elsewhere', value: 'x' });
  await eventually(
    async () => {
      for (const key of KEYS) await calls.put(outside, { bucket, key, value: 'new' }, SOON);
    },
    { within: 30_000, every: 50 },
  );
  const reads = {
    'kv-key-get': { bucket, key: 'a' },
    'kv-key-get-many': { bucket, keys: KEYS },
    'kv-key-history': { bucket, key: 'a' },
    'kv-key-tree': { bucket },
    'kv-transact': { bucket, checks: [{ key: 'a', revision: 1 }], operations: [] },
  };
  const answers = await Promise.all([
    ...Object.entries(reads).map(([name, input]) => inside.invoke(name, input, SOON)),
    inside.invoke('kv-key-get-many', { bucket, keys: KEYS, consistent: true }, SOON),
  ]);
  // Told of the old state, it would answer any of them.
  const told = answers.map(answer => (isFailure(answer) ? answer.error.code : answer.data));
  expect(told.filter(code => code !== 'UNAVAILABLE' && code !== 'TIMEOUT')).toEqual([]);

  // Of others that its server told of it knows, and goes where a majority is.
  const { revision: at } = await elsewhere;
  expect(leaving.nats.serverInfo()?.url).not.toBe(led);
  expect(await calls.get(leaving, { bucket, key: 'a' })).toMatchObject({ value: 'new' });

  cluster.isolate(leader, false);
  let first = await inside.invoke('kv-key-get', { bucket, key: 'a' });
  while (isFailure(first)) first = await inside.invoke('kv-key-get', { bucket, key: 'a' });
  expect(first.data).toMatchObject({ value: 'new' });
  const { revision } = await underWay;
  const { items } = await outside.call('kv-key-history', { bucket, key: 'under-way' });
  expect(items).toMatchObject([{ revision, value: 'x' }]);
  const { items: once } = await outside.call('kv-key-history', { bucket, key: 'elsewhere' });
  expect(once).toMatchObject([{ revision: at, value: 'x' }]);
}, 120_000);
