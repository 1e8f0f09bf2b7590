/** How figures go with the size of values, the number of keys and the number of clients: for the report. */
import { createLog } from '../runtime/server/log.ts';
import { serve } from '../tests/support/served.ts';
import { startLoad } from './http.ts';
import { median, pipelined, time } from './measure.ts';
import { stage } from './stage.ts';

/** One figure at several sizes of something. */
export interface Growth {
  name: string;
  /** What grows. */
  by: string;
  unit: string;
  points: { at: number; value: number }[];
}

const IN_FLIGHT = 64;
const ROUNDS = 3;
const BYTES_A_ROUND = 20_000_000;
const MAX_PUTS = 5_000;
const PAGE = 1_000;
const SIZES = [100, 1_000, 10_000, 100_000, 1_000_000];
const KEYS = [1_000, 10_000, 100_000];
const CLIENTS = [1, 4, 16, 64, 256];
const REQUESTS = 4_000;

/** Measures all of them, one after the other. */
export async function measureGrowth(): Promise<Growth[]> {
  return [await putsBySize(), await pagesByKeys(), await requestsByClients()];
}

async function putsBySize(): Promise<Growth> {
  await using s = await stage();
  await s.ownBucket('bench', 'memory');
  const points = await each(SIZES, async size => {
    const value = 'v'.repeat(size);
    const count = Math.min(MAX_PUTS, Math.ceil(BYTES_A_ROUND / size));
    const put = (i: number) => s.call('kv-key-put', { bucket: 'bench', key: `k.${i % 100}`, value });
    return count / ((await time(() => pipelined(count, IN_FLIGHT, put))) / 1_000);
  });
  return { name: 'kv-key-put, 64 in flight, in memory', by: 'bytes of a value', unit: 'puts/s', points };
}

/** The last page: the first has the least to skip. */
async function pagesByKeys(): Promise<Growth> {
  await using s = await stage();
  await s.ownBucket('bench', 'memory');
  let there = 0;
  const points = await each(KEYS, async keys => {
    for (; there < keys; there += PAGE) {
      const items = Array.from({ length: PAGE }, (_, i) => ({
        key: `user.${there + i}`,
        value: '{"visits":17}',
      }));
      await s.call('kv-key-put-many', { bucket: 'bench', items });
    }
    const last = { bucket: 'bench', start_seq: keys - PAGE, limit: PAGE };
    return await time(() => s.call('kv-key-list', last));
  });
  return { name: 'kv-key-list, the last page of 1,000', by: 'keys of the bucket', unit: 'ms', points };
}

async function requestsByClients(): Promise<Growth> {
  await using s = await stage();
  await s.ownBucket('bench', 'memory');
  const { logger } = createLog({ level: 'info', destination: '/dev/null' });
  await using http = await serve(s.kvflow, { log: logger });
  await using load = await startLoad();
  const url = `${http.url}/functions/kv-key-put/invocations`;
  const body = JSON.stringify({ bucket: 'bench', key: 'user.1', value: '{"visits":17}' });
  const points = await each(CLIENTS, async connections => {
    const requests = Math.min(REQUESTS, connections * 500);
    return requests / ((await time(() => load.send({ url, body, requests, connections }))) / 1_000);
  });
  return { name: 'kv-key-put over HTTP', by: 'connections', unit: 'requests/s', points };
}

/** Median of the rounds at each size; the first round warms up. */
async function each(sizes: number[], measure: (size: number) => Promise<number>): Promise<Growth['points']> {
  const points: Growth['points'] = [];
  for (const at of sizes) {
    await measure(at);
    const values: number[] = [];
    for (let round = 0; round < ROUNDS; round++) values.push(await measure(at));
    points.push({ at, value: median(values) });
  }
  return points;
}
