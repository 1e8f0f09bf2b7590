import { afterAll, expect, test } from '@jest/globals';
import { memoryStore, openSandbox, runner } from '../support.ts';

const sandbox = openSandbox();
const run = runner(sandbox);
afterAll(() => sandbox.close());

test.each([
  ['an increment', "$kv.incr('n', 2)", 2],
  ['an update', "$kv.update('n', old => (old ?? 0) + 2)", 2],
  ['an update that takes its time', "$kv.update('n', async () => { await $kv.get('m'); return 2 })", 2],
  ['an increment after a set', "$kv.set('n', 1); $kv.incr('n')", 2],
  ['two updates', "$kv.update('n', () => 1); $kv.update('n', n => n + 1)", 2],
  [
    'an update within another',
    "$kv.set('n', 0); $kv.update('n', n => { $kv.update('n', m => m + 1); return n + 1 })",
    2,
  ],
  ['what follows a read', "$kv.get('n').then(n => $kv.set('n', (n ?? 0) + 2))", 2],
  [
    'what follows a read after many promises',
    "(async () => { await $kv.get('n'); for (let i = 0; i < 100; i++) await i; await $kv.set('n', 2) })()",
    2,
  ],
  [
    'a function of several calls',
    "(async () => { const m = await $kv.get('m'); await $kv.set('x', m ?? 1); $kv.incr('n', await $kv.get('x')); await $kv.incr('n') })()",
    2,
  ],
])('transform $kv - %s that nothing awaits is stored', async (_what, work, expected) => {
  for (const script of [`${work}; return $`, `export default e => { ${work} }`]) {
    const store = memoryStore();
    const { results } = await run(script, [{}], { kv: store.kv });
    expect(results).toMatchObject([{ outcome: 'ok' }]);
    expect(store.read('n')).toBe(expected);
  }
});

test('transform $kv - what nothing awaits is stored, too, where its answer comes while another event has the worker', async () => {
  await using alone = openSandbox({ maxPerNamespace: 1 });
  const runAlone = runner(alone);
  const busy = 'const end = Date.now() + 50; while (Date.now() < end); return $';
  const reading = `if ($.n) $kv.get('n').then(n => $kv.set('n', (n ?? 0) + 2)); else { ${busy} } return $`;
  await runAlone('return $');
  const store = memoryStore(0);
  // The worker reads the frames of the two calls at once, as it is at work when they come: it takes turns with the second event of the
  // first call, and what that reads is answered while the other call has it.
  const before = runAlone(busy);
  await new Promise(setImmediate);
  await Promise.all([
    before,
    runAlone(reading, [{}, { n: 1 }], { kv: store.kv }),
    runAlone(`${busy};`, [{}]),
  ]);
  expect(store.read('n')).toBe(2);
});

test('transform $kv - what nothing awaits ends with its event: it fails in time, and with what the event throws nothing is stored', async () => {
  const store = memoryStore();
  const endless = "$kv.update('n', () => new Promise(() => {})); return $";
  const { results } = await run(endless, [{}], { kv: store.kv, timeoutMs: 50 });
  expect(results).toMatchObject([{ error: { code: 'SCRIPT_TIMEOUT' } }]);
  await run("$kv.incr('n'); throw new Error('no')", [{}], { kv: store.kv });
  const told = await run("$kv.set('t', 'x'); $kv.incr('t'); return $", [{}], { kv: store.kv });
  expect(told.warnings.join()).toContain('$kv.incr needs numbers');
  expect(store.read('n')).toBeUndefined();
});
