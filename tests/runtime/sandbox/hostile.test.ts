import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { memoryStore, openSandbox, runner } from './support.ts';

// Each file of hostile/ is a script; its second line says what must come of it: an error code, `ok`, or
// `contained`: it may run or fail as a script, but none of its events may report something else than escaped: false.
const FOLDER = new URL('./hostile/', import.meta.url);
const files = readdirSync(FOLDER).filter(name => name.endsWith('.txt'));
const sandbox = openSandbox({ memoryMb: 96, warmWorkers: 2 });
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
  // The second event and the second call run where the first may have left something.
  const hostile = run(script, [{ n: 1 }, { n: 2 }], {
    namespace: 'hostile',
    timeoutMs: expected.includes('SCRIPT_TIMEOUT') ? SHORT_MS : LONG_MS,
    kv: store.kv,
    variables: { settings: { deep: { list: [1] } } },
  });
  const calmly = run(
    'return {n: $.n, own: [1, 2].map(x => x * 2), json: JSON.stringify({a: 1})}',
    [{ n: 1 }],
    { namespace: 'calm' },
  );
  const first = await Promise.race([calmly.then(() => 'calm'), hostile.then(() => 'hostile')]);
  const calm = await calmly;
  expect(calm.results[0]?.events).toEqual([{ n: 1, own: [2, 4], json: '{"a":1}' }]);
  // A neighbour that is stopped only by its time is answered long after the calm one, whose time is in the benchmark
  // transform-hostile: how fast that is says much of the machine that tests.
  if (expected.every(fate => fate === 'SCRIPT_TIMEOUT')) expect(first).toBe('calm');

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
