import { afterAll, expect, test } from '@jest/globals';
import { memoryStore, openSandbox, runner, single } from '../support.ts';

const sandbox = openSandbox();
const run = runner(sandbox);
afterAll(() => sandbox.close());

test('transform $kv - times to live as asked for, 60 days by default, none for 0, over below it', async () => {
  const ttls = new Map<string, number>();
  const store = memoryStore();
  const kv = {
    ...store.kv,
    async commit(writes: Parameters<typeof store.kv.commit>[0]) {
      for (const { key, ttlMs } of writes) ttls.set(key, ttlMs);
      return store.kv.commit(writes);
    },
  };
  const script =
    'await $kv.set("a", 1); await $kv.set("b", 1, {ttlMs: 1500}); await $kv.set("c", 1, {ttlSec: 2}); await $kv.set("d", 1, {ttlMs: 0}); await $kv.set("e", 1, {ttlSec: -5}); await $kv.set("f", 1, {ttlMs: Infinity}); await $kv.set("g", 1, {ttlMs: 0.5}); await $kv.set("h", 1, {ttl: "1h30m"}); await $kv.set("i", 1, {ttlMs: null}); return $';
  expect(single(await run(script, [{}], { kv }))).toEqual({});
  expect(Object.fromEntries(ttls)).toEqual({
    a: 60 * 24 * 3600 * 1000,
    b: 1500,
    c: 2000,
    d: 0,
    e: 0,
    f: 0,
    g: 1,
    h: 90 * 60_000,
    i: 60 * 24 * 3600 * 1000,
  });
  expect(store.entries.has('e')).toBe(false);
});

test('transform $kv - a time to live that is none is refused, and says what would be one', async () => {
  const store = memoryStore();
  for (const opts of [
    '{ ttlms: 5 }',
    "{ ttl: '5 minutes' }",
    '{ ttl: 5 }',
    "{ ttl: '' }",
    "{ ttlMs: 'soon' }",
    '60',
    "'30m'",
    'true',
  ])
    expect(
      single(await run(`await $kv.set('a', 1, ${opts}); return {}`, [{}], { kv: store.kv })),
    ).toMatchObject({
      code: 'SCRIPT_ERROR',
      message: expect.stringMatching(/ttl/),
    });
  expect(store.entries.size).toBe(0);
});
