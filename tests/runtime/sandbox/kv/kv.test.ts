import { afterAll, expect, test } from '@jest/globals';
import { PackError } from '../../../../contract/errors.ts';
import type { ScriptFetch } from '../../../../runtime/core/scripts.ts';
import { PATIENCE } from '../../../support/patience.ts';
import { memoryStore, openSandbox, runner, single } from '../support.ts';

const sandbox = openSandbox();
const run = runner(sandbox);
afterAll(() => sandbox.close());

/** The documentation's own example, with the braces its page lost. */
const SESSIONS = `// generate anonymous user id based on user agent and first 3 octets of IP address
const IP3octets = ($.source_ip??"").split(".", 3).join(".")
const anonymousId = $.user_agent + IP3octets;
// try to get session data from key value storage
let sessionData = await $kv.get(\`session_\${anonymousId}\`);
if (!sessionData) {
  // create a new session if previoud one doesn't exist or expired
  sessionId = Math.random().toString(36).substring(2)
  sessionData = {id: sessionId, start: new Date(), pageViews: 0}
}
// increment session page views
sessionData.pageViews++
// store updated session data in key value storage with TTL 30 minutes
await $kv.set(\`session_\${anonymousId}\`, sessionData, {ttlMs: 1000*60*30})
// enrich event with session data
$.session = sessionData
return $;`;
const EVENT = { source_ip: '10.1.2.3', user_agent: 'Mozilla/5.0 (X11; Linux) Ω' };
const KEY = `session_${EVENT.user_agent}10.1.2`;
const views = (result: Awaited<ReturnType<typeof run>>) =>
  result.results.map(({ events }) => (events[0] as { session: { pageViews: number } }).session.pageViews);
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

test('transform $kv - 64 events of one session in one call count to exactly 64, in their order', async () => {
  const store = memoryStore();
  const result = await run(SESSIONS, Array(64).fill(EVENT), { kv: store.kv });
  expect(views(result)).toEqual(upTo(64));
  expect(store.read(KEY)).toMatchObject({ pageViews: 64, start: expect.stringMatching(/^\d{4}-/) });
});

test('transform $kv - 64 calls at once count to exactly 64, none twice', async () => {
  const store = memoryStore();
  const all = await Promise.all(upTo(64).map(() => run(SESSIONS, [EVENT], { kv: store.kv })));
  expect(all.flatMap(views).sort((a, b) => a - b)).toEqual(upTo(64));
  expect(store.read(KEY)).toMatchObject({ pageViews: 64 });
});

test('transform $kv - two sandboxes on one store, as two processes would be, lose no update', async () => {
  const store = memoryStore();
  await using other = openSandbox();
  await Promise.all([run('return $'), runner(other)('return $')]);
  const kv = { ...store.kv, id: 'the other process' };
  const runs = upTo(32).flatMap(() => [
    run(SESSIONS, [EVENT], { kv: store.kv }),
    runner(other)(SESSIONS, [EVENT], { kv }),
  ]);
  const all = (await Promise.all(runs)).flatMap(views);
  expect(all.sort((a, b) => a - b)).toEqual(upTo(64));
  expect(store.read(KEY)).toMatchObject({ pageViews: 64 });
  expect(store.counts.conflicts).toBeGreaterThan(0);
});

test('transform $kv - sessions do not wait for each other, one of each key keeps its order', async () => {
  const store = memoryStore();
  const script = 'const n = (await $kv.get($.u)) ?? 0; await $kv.set($.u, n + 1); return {u: $.u, n}';
  const events = Array.from({ length: 200 }, (_, i) => ({ u: `u${i % 20}` }));
  const { results } = await run(script, events, { kv: store.kv });
  expect(results.map(({ events: [event] }) => event)).toEqual(
    events.map(({ u }, i) => ({ u, n: Math.floor(i / 20) })),
  );
});

test('transform $kv - keys taken in opposite orders do not block each other', async () => {
  const store = memoryStore();
  const script =
    'for (const k of $.keys) await $kv.incr(k); return {a: await $kv.get("a"), b: await $kv.get("b")}';
  const events = Array.from({ length: 20 }, (_, i) => ({ keys: i % 2 ? ['a', 'b'] : ['b', 'a'] }));
  const { results } = await run(script, events, { kv: store.kv });
  expect(results.map(({ events: [event] }) => event)).toEqual(upTo(20).map(n => ({ a: n, b: n })));
});

test('transform $kv - a conflict runs the event again from its original input, its logs once', async () => {
  const store = memoryStore();
  let meddle = 2;
  const kv = {
    ...store.kv,
    async commit(...args: Parameters<typeof store.kv.commit>) {
      if (meddle-- > 0) store.put('k', JSON.stringify({ n: 100 + meddle }));
      return store.kv.commit(...args);
    },
  };
  const script =
    '$.runs = ($.runs ?? 0) + 1; console.log("run"); const o = (await $kv.get("k")) ?? {n: 0}; $kv.set("other", 1); await $kv.set("k", {n: o.n + 1}); return $';
  const { results, logs } = await run(script, [{}], { kv });
  expect(results[0]?.events).toEqual([{ runs: 1 }]);
  expect(logs).toHaveLength(1);
  expect(store.read('k')).toEqual({ n: 101 });
  expect(store.read('other')).toBe(1);
});

test('transform $kv - an event that runs again gets what its first run fetched, and what failed is asked for again', async () => {
  const store = memoryStore();
  let meddle = 2;
  const kv = {
    ...store.kv,
    async commit(...args: Parameters<typeof store.kv.commit>) {
      if (meddle-- > 0) store.put('k', String(100 + meddle));
      return store.kv.commit(...args);
    },
  };
  const asked: string[] = [];
  const fetch: ScriptFetch = async ({ url }) => {
    asked.push(url);
    if (asked.length === 1) throw new PackError('UNAVAILABLE', 'not now');
    const body = String(asked.length);
    return { status: 200, statusText: 'OK', headers: [], url, redirected: false, body };
  };
  const script = `const get = async path => (await fetch('https://a.test/' + path)).text();
    const n = (await $kv.get('k')) ?? 0;
    const failing = await get('failing').catch(() => 'failed');
    const [first, second, other] = [await get('same'), await get('same'), await get('n' + n)];
    await $kv.set('k', n + 1);
    return { n, failing, first, second, other }`;
  const { results } = await run(script, [{}], { kv, fetch, fetchBudget: 7 });
  // The first run fetches same twice and n0; the second failing and n101; the third n100 alone.
  expect(asked.map(url => url.slice('https://a.test/'.length))).toEqual([
    'failing',
    'same',
    'same',
    'n0',
    'failing',
    'n101',
    'n100',
  ]);
  expect(results[0]?.events).toEqual([{ n: 100, failing: '5', first: '2', second: '3', other: '7' }]);
});

test('transform $kv - after 64 conflicts the event fails and says so', async () => {
  const store = memoryStore(0);
  let commits = 0;
  const kv = {
    ...store.kv,
    async commit() {
      commits++;
      return { ok: false as const, keys: [] };
    },
  };
  const result = single(
    await run('await $kv.set("k", (await $kv.get("k") ?? 0) + 1); return $', [{}], { kv }),
  );
  expect(result).toMatchObject({ code: 'REVISION_CONFLICT' });
  expect(commits).toBe(64);
});

test('transform $kv - what an event only read has to hold too, or it runs again', async () => {
  const store = memoryStore();
  store.put('limit', '5');
  let meddle = true;
  const kv = {
    ...store.kv,
    async commit(...args: Parameters<typeof store.kv.commit>) {
      if (meddle) store.put('limit', '0');
      meddle = false;
      return store.kv.commit(...args);
    },
  };
  const script =
    'const [limit, used] = await $kv.getMany(["limit", "used"]); if ((used ?? 0) >= limit) return { full: true }; await $kv.set("used", (used ?? 0) + 1); return { used }';
  expect(single(await run(script, [{}], { kv }))).toEqual({ full: true });
  expect(store.read('used')).toBeUndefined();
});

test('transform $kv - an event that only reads sees its keys as they stood together', async () => {
  const store = memoryStore();
  for (const key of ['a', 'b']) store.put(key, '1');
  let reads = 0;
  const kv = {
    ...store.kv,
    async get(key: string) {
      const found = await store.kv.get(key);
      if (++reads === 1) for (const other of ['a', 'b']) store.put(other, '2');
      return found;
    },
  };
  const script = 'const a = await $kv.get("a"); return { a, b: await $kv.get("b") }';
  expect(single(await run(script, [{}], { kv }))).toEqual({ a: 2, b: 2 });
});

test('transform $kv - where the first failure ends the call, all before it is stored and nothing behind it', async () => {
  const store = memoryStore();
  const script =
    'const c = await $kv.incr("seen"); await $kv.set("e" + $.n, c); if ($.n === 30) throw new Error("boom"); return { n: $.n, c }';
  const events = Array.from({ length: 90 }, (_, n) => ({ n }));
  const { results } = await run(script, events, { kv: store.kv, stopOnError: true });
  expect(results.slice(0, 30).map(({ outcome }) => outcome)).toEqual(Array(30).fill('ok'));
  expect(results[30]?.error?.message).toContain('boom');
  expect(store.read('seen')).toBe(30);
  expect(store.entries.size).toBe(31);
});

test('transform $kv - ttl: what a value has left, null where it stays, undefined where there is none', async () => {
  const store = memoryStore();
  const script =
    'await $kv.set("a", 1, { ttl: "1m" }); await $kv.set("b", 1, { ttlMs: 0 }); return { a: await $kv.ttl("a"), b: await $kv.ttl("b"), none: (await $kv.ttl("c")) === undefined }';
  expect(single(await run(script, [{}], { kv: store.kv }))).toEqual({ a: 60_000, b: null, none: true });
});

test('transform $kv - an event that fails writes nothing', async () => {
  const store = memoryStore();
  await run('await $kv.set("k", 1); throw new Error("after")', [{}], { kv: store.kv });
  expect(store.read('k')).toBeUndefined();
  await run('await $kv.set("k", 1); return null', [{}], { kv: store.kv });
  expect(store.read('k')).toBe(1);
});

test('transform $kv - set, get, del, incr, update within one event', async () => {
  const store = memoryStore();
  const script = `await $kv.set('d', new Date(0)); await $kv.set('n', null);
const [x, y] = await Promise.all([$kv.incr('i'), $kv.incr('i', 2)]);
const up = await $kv.update('o', async old => ({ n: (old?.n ?? 0) + 1 }));
await $kv.set('gone', 1); await $kv.del('gone');
return { d: await $kv.get('d'), x, y, up, gone: (await $kv.get('gone')) === undefined, none: (await $kv.get('none')) === undefined }`;
  expect(single(await run(script, [{}], { kv: store.kv }))).toEqual({
    d: '1970-01-01T00:00:00.000Z',
    x: 1,
    y: 3,
    up: { n: 1 },
    gone: true,
    none: true,
  });
  expect(store.read('i')).toBe(3);
});

test('transform $kv - a value read is a copy: changing it changes nothing', async () => {
  const store = memoryStore();
  store.put('k', '{"a":1}');
  const script = 'const v = await $kv.get("k"); v.a = 2; return await $kv.get("k")';
  expect(single(await run(script, [{}], { kv: store.kv }))).toEqual({ a: 1 });
});

test('transform $kv - waiting for the store does not count against the time of the script', async () => {
  const store = memoryStore(150 * PATIENCE);
  expect(
    single(
      await run('await $kv.get("a"); await $kv.get("b"); return {done: true}', [{}], {
        kv: store.kv,
        timeoutMs: 200 * PATIENCE,
      }),
    ),
  ).toEqual({ done: true });
});

test('transform $kv - an error of the store reaches the script, and can be caught', async () => {
  const kv = {
    id: 'broken',
    get: () => Promise.reject(new Error('secret detail')),
    commit: () => Promise.reject(new Error('secret detail')),
  };
  const failed = single(await run('return {v: await $kv.get("k")}', [{}], { kv }));
  expect(failed).toMatchObject({ code: 'UNAVAILABLE' });
  expect(JSON.stringify(failed)).not.toContain('secret');
  expect(
    single(await run('try { await $kv.get("k") } catch (e) { return {code: e.code} }', [{}], { kv })),
  ).toEqual({ code: 'UNAVAILABLE' });
  expect(single(await run('await $kv.set("k", 1); return $', [{}], { kv }))).toMatchObject({
    code: 'UNAVAILABLE',
  });
});

test('transform $kv - without a store it says that there is none', async () => {
  expect(single(await run('return {v: await $kv.get("k")}'))).toMatchObject({ code: 'UNSUPPORTED' });
});

test('transform $kv - incr of something that is no number', async () => {
  const store = memoryStore();
  store.put('k', '"text"');
  expect(single(await run('await $kv.incr("k"); return $', [{}], { kv: store.kv }))).toMatchObject({
    code: 'NOT_A_NUMBER',
  });
});

test('transform $kv - the first script of two that read a key decides what the second sees', async () => {
  const store = memoryStore();
  const events = Array.from({ length: 5 }, (_, i) => ({ i, wait: i === 0 ? 40 : 0 }));
  const script =
    'await new Promise(r => setTimeout(r, $.wait)); const seen = (await $kv.get("order")) ?? []; await $kv.set("order", [...seen, $.i]); return $';
  await run(script, events, { kv: store.kv });
  expect(store.read('order')).toEqual([0, 1, 2, 3, 4]);
});

test('transform $kv - a process with a long call on a key does not shut out another one', async () => {
  const store = memoryStore();
  await using other = openSandbox();
  await Promise.all([run('return $'), runner(other)('return $')]);
  const script = 'return {n: await $kv.incr("hot")}';
  const busy = run(script, Array(300).fill({}), { kv: store.kv });
  const small = await Promise.all(
    upTo(5).map(() => runner(other)(script, [{}], { kv: { ...store.kv, id: 'the other process' } })),
  );
  expect(small.map(single)).toEqual(small.map(() => ({ n: expect.any(Number) })));
  await busy;
  expect(store.read('hot')).toBe(305);
});
