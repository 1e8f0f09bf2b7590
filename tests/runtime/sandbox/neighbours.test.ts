import { expect, test } from '@jest/globals';
import { createAdmission } from '../../../runtime/sandbox/host/admission.ts';
import { chooseNext, chooseToYield } from '../../../runtime/sandbox/host/shares.ts';
import { eventually } from '../../support/eventually.ts';
import { memoryStore, openSandbox, runner } from './support.ts';

const busy = (ms: number) => `const t = Date.now(); while (Date.now() - t < ${ms}); return { n: $.n }`;
const numbered = (count: number) => Array.from({ length: count }, (_, n) => ({ n }));

test('transform - one that has no worker need not wait for those who keep all of them busy', async () => {
  await using sandbox = openSandbox({ maxWorkers: 2, maxExtra: 1 });
  const run = runner(sandbox);
  const store = memoryStore();
  const [asked, gate] = [new Set<string>(), Promise.withResolvers<void>()];
  const calls = ['a', 'b'].map(namespace => {
    const get: typeof store.kv.get = async (...key) => {
      asked.add(namespace);
      await gate.promise;
      return await store.kv.get(...key);
    };
    const kv = { ...store.kv, id: namespace, get };
    return run('await $kv.get("k"); return { n: $.n }', numbered(2), { namespace, kv, timeoutMs: 60_000 });
  });
  await eventually(() => expect(asked.size).toBe(2));
  await run('return {}', [{}], { namespace: 'c' });
  gate.resolve();
  for (const { results } of await Promise.all(calls))
    expect(results.flatMap(({ events }) => events)).toEqual(numbered(2));
});

test('transform - a busy tenant gives its worker up between two events, and all of its events are done once', async () => {
  await using sandbox = openSandbox({ maxWorkers: 1, maxExtra: 0 });
  const run = runner(sandbox);
  const store = memoryStore();
  const order: string[] = [];
  const long = run(`await $kv.incr('done'); ${busy(60)}`, numbered(30), {
    namespace: 'busy',
    kv: store.kv,
    timeoutMs: 5000,
  }).finally(() => order.push('busy'));
  const short = run('return { ok: true }', [{}], { namespace: 'other' }).finally(() => order.push('other'));
  expect((await short).results[0]?.events).toEqual([{ ok: true }]);
  expect((await long).results.flatMap(({ events }) => events)).toEqual(numbered(30));
  expect(store.read('done')).toBe(30);
  expect(order).toEqual(['other', 'busy']);
});

test('transform - workers are shared out by tenant, then by namespace, then by who came first', () => {
  const at = (tenant: string, namespace: string, since = 0) => ({
    tenant,
    namespace,
    busySince: () => since,
  });
  const holders = [at('a', 'a1', 1), at('a', 'a2', 2), at('b', 'b1', 3)];
  const waiting = [at('a', 'a3'), at('b', 'b2'), at('c', 'c1'), at('d', 'd1')];
  expect(chooseNext(waiting, holders)?.namespace).toBe('c1');
  expect(chooseNext(waiting.slice(0, 2), holders)?.namespace).toBe('b2');
  expect(chooseNext([], holders)).toBeUndefined();
  expect(chooseToYield(waiting.slice(2, 3), holders, 10).map(({ namespace }) => namespace)).toEqual(['a1']);
  expect(chooseToYield(waiting, holders, 2).map(({ namespace }) => namespace)).toEqual(['a1']);
});

test('transform - too many calls of one tenant are told to wait, those of others go on', () => {
  const { enter } = createAdmission({ callsPerTenant: 2, charsPerTenant: 100, chars: 150 });
  const leave = enter('a', 60);
  enter('a', 10);
  expect(() => enter('a', 1)).toThrow(
    expect.objectContaining({ code: 'RATE_LIMITED', details: { retry_after_ms: 1000 } }),
  );
  enter('b', 50);
  expect(() => enter('c', 40)).toThrow(/too many events/i);
  leave();
  enter('c', 40);
  expect(() => enter('b', 60)).toThrow(/"b" has 1 calls/);
});

test('transform - a call beyond the bound of its tenant is refused by the runner, with when to come again', async () => {
  await using sandbox = openSandbox({
    maxWorkers: 1,
    admission: { callsPerTenant: 1, charsPerTenant: 1_000, chars: 1_000 },
  });
  const run = runner(sandbox);
  const first = run('return { n: $.n }', numbered(2), { tenant: 'a' });
  await expect(run('return $', [{}], { tenant: 'a' })).rejects.toMatchObject({
    code: 'RATE_LIMITED',
    details: { retry_after_ms: 1_000 },
  });
  const other = run('return { other: true }', [{}], { tenant: 'b' });
  expect((await first).results.flatMap(({ events }) => events)).toEqual(numbered(2));
  expect((await other).results[0]?.events).toEqual([{ other: true }]);
  // Its place is free again.
  expect((await run('return { n: 3 }', [{}], { tenant: 'a' })).results[0]?.events).toEqual([{ n: 3 }]);
});
