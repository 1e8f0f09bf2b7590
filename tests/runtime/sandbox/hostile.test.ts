import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { memoryStore, runner, useSandbox } from './support.ts';

// Each file of hostile/ is a script; its second line says what must come of it: an error code, `ok`, or
// `contained`: it may run or fail as a script, but none of its events may report something else than escaped: false.
const FOLDER = new URL('./hostile/', import.meta.url);
const files = readdirSync(FOLDER).filter(name => name.endsWith('.txt'));
const sandbox = useSandbox({ memoryMb: 96, spares: 2 });
const run = runner(sandbox);
// Short where the time itself is the answer, long where a slow machine must not be mistaken for a slow script.
const SHORT_MS = 400;
const LONG_MS = 8000;

beforeAll(() => run('return $', [{}], { namespace: 'calm' }));
afterAll(() => sandbox.close());

const read = (name: string) => {
  const text = readFileSync(new URL(name, FOLDER), 'utf8');
  const expected = /^\/\/ expect: (.*)$/m.exec(text)?.[1]?.split(' ') ?? [];
  return { script: text.replace(/^(\/\/ (tries|expect):.*\n)+/, ''), expected };
};

test('hostile corpus - at least 60 scripts', () => {
  expect(files.length).toBeGreaterThanOrEqual(60);
});

test.each(files)('hostile script %s', async name => {
  const { script, expected } = read(name);
  const store = memoryStore(0);
  let over = false;
  // The second event and the second call run where the first may have left something.
  const hostile = run(script, [{ n: 1 }, { n: 2 }], {
    namespace: 'hostile',
    timeoutMs: expected.includes('SCRIPT_TIMEOUT') ? SHORT_MS : LONG_MS,
    kv: store.kv,
    variables: { settings: { deep: { list: [1] } } },
  }).finally(() => {
    over = true;
  });
  const before = performance.now();
  const calm = await run(
    'return {n: $.n, own: [1, 2].map(x => x * 2), json: JSON.stringify({a: 1})}',
    [{ n: 1 }],
    { namespace: 'calm' },
  );
  const waited = performance.now() - before;
  expect(calm.results[0]?.events).toEqual([{ n: 1, own: [2, 4], json: '{"a":1}' }]);
  // Far above the 250 ms promised, since the machine that tests may be busy; a hanging neighbour would take longer.
  if (!over) expect(waited).toBeLessThan(2000);

  const { results } = await hostile;
  for (const { outcome, error, events } of results) {
    const fate = error?.code ?? outcome;
    if (expected.includes('contained')) {
      expect(['ok', 'SCRIPT_ERROR', ...expected]).toContain(fate);
      for (const event of events) expect(event).toMatchObject({ escaped: false });
    } else expect(expected).toContain(fate);
    expect(JSON.stringify(error ?? '')).not.toMatch(/node:internal|kvflow-worker|\/work\/|node_modules/);
  }
  expect(store.read('late')).toBeUndefined();
  // Another script of the same tenant in the same worker finds everything as it should be.
  const next = await run(
    'return {stain: ({}).stain ?? [].stain ?? null, sum: [1, 2].reduce((a, b) => a + b)}',
    [{}],
    { namespace: 'hostile' },
  );
  expect(next.results[0]?.events).toEqual([{ stain: null, sum: 3 }]);
});
