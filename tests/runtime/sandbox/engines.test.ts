import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, expect, test } from '@jest/globals';
import { createSandbox } from '../../../runtime/sandbox/sandbox.ts';
import { memoryStore, runner, single } from './support.ts';

// Every hostile script goes through the other engine with KVFLOW_TEST_ENGINE=context; those that look for a way out, here.
const FOLDER = new URL('./hostile/', import.meta.url);
const files = readdirSync(FOLDER).filter(name => /^(escape|module|pollute|package|rejection)-/.test(name));
const sandbox = createSandbox({ engine: 'context', memoryMb: 96 });
const run = runner(sandbox);
afterAll(() => sandbox.close());

test('transform engine context - no script finds a way out, nor leaves anything behind', async () => {
  expect(files.length).toBeGreaterThan(40);
  const escaped: string[] = [];
  for (const name of files) {
    const script = readFileSync(new URL(name, FOLDER), 'utf8').replace(/^(\/\/ (tries|expect):.*\n)+/, '');
    const { results } = await run(script, [{ n: 1 }, { n: 2 }], { kv: memoryStore(0).kv, timeoutMs: 500 });
    for (const { events, error } of results) {
      if (events.some(event => event.escaped !== false)) escaped.push(`${name} ${JSON.stringify(events)}`);
      if (error && !error.code.startsWith('SCRIPT_')) escaped.push(`${name} ${error.message}`);
    }
  }
  expect(escaped).toEqual([]);
  const next = 'return { stain: ({}).stain ?? [].stain ?? null, sum: [1, 2].reduce((a, b) => a + b) }';
  expect(single(await run(next))).toEqual({ stain: null, sum: 3 });
});

test('transform engine context - the same language, but for import() and what vm2 leaves out', async () => {
  const script = `import { sortBy } from 'lodash'
  export default async (event: { n: number }, { store, log }) => {
    await store.set('n', event.n)
    log.info('%d', event.n)
    return { n: sortBy([3, event.n])[0], size: Buffer.from('ä').length, proxy: typeof Proxy }
  }`;
  const store = memoryStore();
  expect(single(await run(script, [{ n: 2 }], { kv: store.kv }))).toEqual({
    n: 2,
    size: 2,
    proxy: 'function',
  });
  expect(store.read('n')).toBe(2);
  expect(await sandbox.check('const x = await import("fs")\nreturn x')).toMatchObject({
    line: 1,
    column: 17,
  });
  expect(single(await run('\n  null.x'))).toMatchObject({ stack: expect.stringContaining('at main (2:8)') });
  expect(single(await run('return { f: Function("return 1")() }'))).toMatchObject({ code: 'SCRIPT_ERROR' });
});
