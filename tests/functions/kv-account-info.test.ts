import { expect, test } from '@jest/globals';
import { joinNats, startKvflow } from '../support/kvflow.ts';
import { startNats } from '../support/nats.ts';
import { madeBucket } from './kv.ts';

test('kv-account-info - counts what buckets use, and what their max_bytes promise', async () => {
  await using k = await startKvflow();
  expect(await k.call('kv-account-info', {})).toMatchObject({
    file: { used: 0 },
    streams: { used: 0, limit: -1 },
  });
  const prefs = await madeBucket(k, 'prefs', { max_bytes: 1_000_000 });
  await prefs.putMany([{ key: 'a', value: 'x'.repeat(5_000) }]);
  const { file, streams, memory } = (await k.call('kv-account-info', {})) as Record<
    string,
    Record<string, number>
  >;
  expect(streams).toEqual({ used: 1, limit: -1 });
  expect(file?.used).toBeGreaterThan(5_000);
  expect(file?.reserved).toBe(1_000_000);
  expect(memory).toEqual({ used: 0, reserved: 0, limit: -1 });
});

test("kv-account-info - tells an account's limits and its domain", async () => {
  const extra = `accounts {
    A { jetstream { max_mem: 10M, max_file: 20M, max_streams: 3, max_consumers: 7 }, users: [ { user: a, password: a } ] }
  }`;
  await using server = await startNats({ domain: 'edge', extra });
  await using k = joinNats({ servers: [server.url], user: 'a', password: 'a' });
  expect(await k.call('kv-account-info', {})).toEqual({
    domain: 'edge',
    file: { used: 0, reserved: 0, limit: 20_000_000 },
    memory: { used: 0, reserved: 0, limit: 10_000_000 },
    streams: { used: 0, limit: 3 },
    consumers: { used: 0, limit: 7 },
  });
});
