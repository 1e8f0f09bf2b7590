import { afterAll, expect, test } from '@jest/globals';
import { createKvMemory } from '../../../../runtime/sandbox/kv/memory.ts';
import { memoryStore, openSandbox, runner, single } from '../support.ts';

const sandbox = openSandbox();
const run = runner(sandbox);
afterAll(() => sandbox.close());

const me = {};
const other = {};
const written = { json: '1', revision: 7, owner: me, incarnation: 'a', ttlMs: 0 };

function setup() {
  let time = 1_000_000;
  const memory = createKvMemory(() => time).of('store');
  const pass = (ms: number): void => {
    time += ms;
  };
  return { memory, pass };
}

test('kv memory - a value is known to later calls, for a while and not right after it was written', () => {
  const { memory, pass } = setup();
  memory.remember('k', written);
  expect(memory.recall('k', other, 'a')).toBeUndefined();
  pass(30);
  expect(memory.recall('k', other, 'a')).toMatchObject({ json: '1', revision: 7 });
  pass(10_000);
  expect(memory.recall('k', other, 'a')).toBeUndefined();
});

test('kv memory - a call that goes on with its own key asks the store every other event', () => {
  const { memory } = setup();
  const asked = Array.from({ length: 8 }, () => {
    memory.remember('k', written);
    return memory.recall('k', me, 'a') === undefined;
  });
  expect(asked).toEqual([false, true, false, true, false, true, false, true]);
});

test('kv memory - half a time to live is the most', () => {
  const { memory, pass } = setup();
  memory.remember('k', { ...written, ttlMs: 200 });
  pass(99);
  expect(memory.recall('k', other, 'a')).toBeDefined();
  pass(1);
  expect(memory.recall('k', other, 'a')).toBeUndefined();
});

test('kv memory - of a bucket that was made again nothing is known', () => {
  const { memory, pass } = setup();
  memory.remember('k', written);
  pass(30);
  expect(memory.recall('k', other, 'b')).toBeUndefined();
});

test('kv memory - a key that others write too stays with the store for five seconds, whatever is written', () => {
  const { memory, pass } = setup();
  memory.remember('k', written);
  memory.stale('k');
  memory.remember('k', written);
  pass(4_999);
  expect(memory.recall('k', other, 'a')).toBeUndefined();
  pass(1);
  expect(memory.recall('k', other, 'a')).toBeDefined();
});

test('kv memory - of a contested key a call goes on from what it wrote itself since, for a second', () => {
  const { memory, pass } = setup();
  memory.remember('k', written);
  memory.stale('k');
  expect(memory.recall('k', me, 'a')).toBeUndefined();
  for (let revision = 8; revision < 12; revision++) {
    memory.remember('k', { ...written, revision });
    expect(memory.recall('k', me, 'a')).toMatchObject({ revision });
  }
  pass(999);
  expect(memory.recall('k', me, 'a')).toBeDefined();
  pass(1);
  expect(memory.recall('k', me, 'a')).toBeUndefined();
});

test('kv memory - a contested key is left alone for a moment after each 50 writes in a row', () => {
  const { memory } = setup();
  const write = () => {
    memory.remember('k', written);
    return memory.gapDue('k');
  };
  for (let i = 0; i < 60; i++) expect(write()).toBe(false);
  memory.stale('k');
  for (let round = 0; round < 2; round++) {
    for (let i = 1; i < 50; i++) expect(write()).toBe(false);
    expect(write()).toBe(true);
    expect(memory.recall('k', me, 'a')).toBeUndefined();
  }
});

test('kv memory - one contested key is no reason to give up the others', () => {
  const { memory, pass } = setup();
  memory.remember('calm', written);
  memory.remember('hot', written);
  for (let i = 0; i < 100; i++) memory.stale('hot');
  pass(30);
  expect(memory.recall('calm', other, 'a')).toBeDefined();
});

test('kv memory - where guesses are often wrong, none is made for a while', () => {
  const { memory, pass } = setup();
  memory.remember('calm', written);
  for (let i = 0; i < 21; i++) memory.stale(`k${i}`);
  pass(30);
  expect(memory.recall('calm', other, 'a')).toBeUndefined();
  pass(2_000);
  expect(memory.recall('calm', other, 'a')).toBeDefined();
});

test('kv memory - holds a bounded number of values, the last ones', () => {
  const { memory, pass } = setup();
  for (let i = 0; i < 12_000; i++) memory.remember(`k${i}`, written);
  pass(30);
  const known = Array.from({ length: 12_000 }, (_, i) => memory.recall(`k${i}`, other, 'a') !== undefined);
  expect(known.filter(Boolean).length).toBeLessThanOrEqual(10_000);
  expect(known.at(-1)).toBe(true);
  memory.remember('huge', { ...written, json: 'x'.repeat(3_000_000) });
  pass(30);
  expect(memory.recall('huge', other, 'a')).toBeUndefined();
});

const pause = () => new Promise(resolve => setTimeout(resolve, 40));

test('transform $kv - a later call goes on from what this process wrote, without asking the store', async () => {
  const store = memoryStore(0);
  const script = 'return { n: await $kv.incr("k") }';
  expect(single(await run(script, [{}], { kv: store.kv }))).toEqual({ n: 1 });
  await pause();
  const { gets } = store.counts;
  expect(single(await run(script, [{}], { kv: store.kv }))).toEqual({ n: 2 });
  expect(store.counts).toMatchObject({ gets, conflicts: 0 });
});

test('transform $kv - a key that somebody else changed between two calls is never taken as it was', async () => {
  const store = memoryStore(0);
  const script = 'console.log("run"); return { n: await $kv.incr("k") }';
  await run(script, [{}], { kv: store.kv });
  await pause();
  store.put('k', '100');
  const second = await run(script, [{}], { kv: store.kv });
  expect(single(second)).toEqual({ n: 101 });
  expect(second.logs).toHaveLength(1);
  expect(store.counts.conflicts).toBe(1);
  expect(store.read('k')).toBe(101);
});

test.each([
  ['only reads', 'return { n: (await $kv.get("k")) ?? null }', { n: 100 }],
  [
    'writes another key',
    'await $kv.set("copy", await $kv.get("k")); return { n: await $kv.get("copy") }',
    { n: 100 },
  ],
  [
    'fails over what it read',
    'if ((await $kv.get("k")) === 1) throw new Error("old"); return { n: 100 }',
    { n: 100 },
  ],
  ['is skipped over what it read', 'return (await $kv.get("k")) === 1 ? null : { n: 100 }', { n: 100 }],
])(
  'transform $kv - an event that %s does so with the value that is there now',
  async (_name, rest, expected) => {
    const store = memoryStore(0);
    // One script, so that it counts as one that writes; the first call does, the second does not write the key.
    const script = `if ($.write) { await $kv.set("k", 1); return $ }\n${rest}`;
    await run(script, [{ write: true }], { kv: store.kv });
    await pause();
    store.put('k', '100');
    expect(single(await run(script, [{}], { kv: store.kv }))).toEqual(expected);
  },
);

test('transform $kv - an event that only reads what is still true runs once', async () => {
  const store = memoryStore(0);
  const script = 'if ($.write) await $kv.set("k", 1); console.log("run"); return { n: await $kv.get("k") }';
  await run(script, [{ write: true }], { kv: store.kv });
  await pause();
  const { results, logs } = await run(script, [{}], { kv: store.kv });
  expect(results[0]?.events).toEqual([{ n: 1 }]);
  expect(logs).toHaveLength(1);
});

test('transform $kv - a store whose bucket was made again is asked', async () => {
  const store = memoryStore(0);
  let incarnation = 'first';
  const kv = { ...store.kv, incarnation: () => incarnation };
  const script = 'if ($.write) await $kv.set("k", 1); return { n: (await $kv.get("k")) ?? null }';
  await run(script, [{ write: true }], { kv });
  await pause();
  const { gets } = store.counts;
  incarnation = 'second';
  store.entries.clear();
  expect(single(await run(script, [{}], { kv }))).toEqual({ n: null });
  expect(store.counts).toMatchObject({ gets: gets + 1, conflicts: 0 });
});

test('transform $kv - of two keys written together none is, where the other one was not as remembered', async () => {
  const store = memoryStore(0);
  const script =
    'const [a, b] = [await $kv.get("a") ?? 0, await $kv.get("b") ?? 0]; await $kv.set("a", a + b); await $kv.set("b", b + 1); return { a, b }';
  const { kv } = store;
  await run(script, [{}], { kv });
  await pause();
  store.put('b', '100');
  expect(single(await run(script, [{}], { kv }))).toEqual({ a: 0, b: 100 });
  expect([store.read('a'), store.read('b')]).toEqual([100, 101]);
});

test('transform $kv - what is remembered of one namespace is never taken for another', async () => {
  const store = memoryStore(0);
  const script =
    'const seen = (await $kv.get($.key)) ?? null; await $kv.set($.key, seen ?? $.key); return { seen }';
  const spaces = [memoryStore(0), memoryStore(0)];
  const at = (index: number, id: string) => ({ kv: { ...(spaces[index] ?? store).kv, id } });
  expect(single(await run(script, [{ key: 'b c' }], at(0, 'bucket a')))).toEqual({ seen: null });
  await pause();
  expect(single(await run(script, [{ key: 'c' }], at(1, 'bucket a b')))).toEqual({ seen: null });
  expect(spaces[1]?.counts).toMatchObject({ gets: 1, conflicts: 0 });
});
