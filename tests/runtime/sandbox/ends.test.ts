import { afterAll, expect, test } from '@jest/globals';
import { memoryStore, openSandbox, runner } from './support.ts';

const sandbox = openSandbox();
const run = runner(sandbox);
afterAll(() => sandbox.close());

const BUSY = 'const t = Date.now(); while (Date.now() - t < 20000); return {}';

test('transform $kv - a counter per user and one over all count exactly', async () => {
  const store = memoryStore();
  const events = Array.from({ length: 200 }, (_, n) => ({ n, user: (n * 7) % 13 }));
  const script =
    "const mine = await $kv.incr('u' + $.user); const all = await $kv.incr('all'); return { n: $.n, mine, all }";
  const { results } = await run(script, events, { kv: store.kv });
  expect(results.map(({ events: [event] }) => (event as { all: number }).all)).toEqual(
    events.map((_, n) => n + 1),
  );
  expect(store.read('all')).toBe(200);
  // Those that follow each other at a key are stored together.
  expect(store.counts.commits).toBeLessThan(200);
});

test('transform $kv - an event that is started over while it commits leaves no key behind', async () => {
  const store = memoryStore();
  const script =
    "if ($.n % 2 === 0) await $kv.get('z'); const a = (await $kv.get('a')) ?? 0; await $kv.set('a', a + 1); await $kv.set('b', a); return { a }";
  const events = Array.from({ length: 20 }, (_, n) => ({ n }));
  const { results } = await run(script, events, { kv: store.kv });
  expect(results.every(({ outcome }) => outcome === 'ok')).toBe(true);
  expect([store.read('a'), store.read('b')]).toEqual([20, 19]);
  expect(await run("return { b: await $kv.incr('b') }", [{}], { kv: store.kv })).toMatchObject({
    results: [{ events: [{ b: 20 }] }],
  });
});

test('transform - a call ends at its deadline, and its worker is free for the next', async () => {
  const events = Array.from({ length: 50 }, (_, n) => ({ n }));
  const { results } = await run(BUSY, events, {
    timeoutMs: 30_000,
    deadline: Date.now() + 200,
  });
  expect(results.map(({ error }) => error?.code)).toEqual(Array(50).fill('TIMEOUT'));
  expect(results[0]?.error?.message).toMatch(/time was up/);
  expect(await run('return { ok: true }')).toMatchObject({ results: [{ events: [{ ok: true }] }] });
  expect(sandbox.stats().killed.time).toBe(0);
});

test('transform - a caller who is gone ends the call; events of others in the same worker are done all the same', async () => {
  const gone = new AbortController();
  const left = run(BUSY, [{}, {}], { timeoutMs: 30_000, signal: gone.signal, namespace: 'shared' });
  const other = run('return { n: $.n }', [{ n: 1 }, { n: 2 }], { namespace: 'shared' });
  await new Promise(resolve => setTimeout(resolve, 50));
  gone.abort();
  expect((await left).results.map(({ error }) => error?.code)).toEqual(['TIMEOUT', 'TIMEOUT']);
  expect((await other).results.flatMap(({ events }) => events)).toEqual([{ n: 1 }, { n: 2 }]);
});

test('transform $kv - a store that never answers ends with the call, and so does who waits for its keys', async () => {
  const store = memoryStore();
  const kv = { ...store.kv, get: () => new Promise<never>(() => {}) };
  const script = "return { n: await $kv.incr('n') }";
  const deadline = Date.now() + 200;
  const [first, second] = await Promise.all([
    run(script, [{}, {}], { kv, deadline }),
    run(script, [{}], { kv, deadline }),
  ]);
  for (const { error } of [...first.results, ...second.results]) expect(error?.code).toBe('TIMEOUT');
  const same = { ...store.kv, id: kv.id };
  expect(await run(script, [{}], { kv: same })).toMatchObject({ results: [{ events: [{ n: 1 }] }] });
});

test('transform - a call of nothing but lines that are no events ends too', async () => {
  const lines = { text: 'no json', starts: [0], ends: [7] };
  const { results } = await sandbox.run({
    script: 'return $',
    lines,
    namespace: 'test',
    deadline: Date.now() + 5_000,
  });
  expect(results[0]?.error?.code).toBe('INVALID_INPUT');
});
