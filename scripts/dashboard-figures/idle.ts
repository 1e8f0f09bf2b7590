import { setTimeout as sleep } from 'node:timers/promises';
import type { CDPSession } from 'playwright-core';
import { calls } from '../../tests/support/calls.ts';
import { type Open, openPage } from './open.ts';

const PATHS = [
  'buckets',
  'buckets/idle',
  'buckets/idle/keys/k',
  'buckets/idle/usage',
  'buckets/idle/changes',
  'live?bucket=idle',
  'functions',
  'sessions',
  'recognition',
  'recognition?view=identities',
];
const SETTLE_MS = 8_000;
const LOOK_MS = 60_000;
const ALLOWED = { kilobytes: 20, seconds: 0.3 };

/** What each page asks for and computes in a minute in which nothing happens. */
export async function idlePages(open: Open): Promise<void> {
  await calls.create(open.kvflow, { bucket: 'idle', history: 3 });
  await calls.put(open.kvflow, { bucket: 'idle', key: 'k', value: '{"a":1}' });
  console.log(`idle, a minute each; ${ALLOWED.kilobytes} kB and ${ALLOWED.seconds} s are allowed`);
  const lines = await Promise.all(PATHS.map(path => idlePage(open, path)));
  for (const line of lines) console.log(line);
}

async function idlePage(open: Open, path: string): Promise<string> {
  const { page, tools } = await openPage(open, path);
  await sleep(SETTLE_MS);
  const { requests, bytes, seconds } = await lookAt(tools);
  await page.context().close();
  const over = bytes > ALLOWED.kilobytes * 1_000 || seconds > ALLOWED.seconds ? '  OVER' : '';
  const asked = `${String(requests).padStart(3)} requests ${(bytes / 1_000).toFixed(1).padStart(6)} kB`;
  return `  ${path.padEnd(30)} ${asked} ${seconds.toFixed(2)} s of CPU${over}`;
}

async function lookAt(tools: CDPSession) {
  let [requests, bytes] = [0, 0];
  tools.on('Network.requestWillBeSent', () => (requests += 1));
  tools.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength));
  await tools.send('Network.enable');
  await tools.send('Performance.enable', { timeDomain: 'threadTicks' });
  const before = await busy(tools);
  await sleep(LOOK_MS);
  return { requests, bytes, seconds: (await busy(tools)) - before };
}

async function busy(tools: CDPSession): Promise<number> {
  const { metrics } = await tools.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0;
}
