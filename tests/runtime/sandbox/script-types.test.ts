/** transform.d.ts, by which editors know what a script sees, held against the sandbox itself. */
import { join } from 'node:path';
import vm from 'node:vm';
import { afterAll, expect, test } from '@jest/globals';
import { STANDARD_NAMES } from '../../../dashboard/src/components/script-editor/standard-names.ts';
import { declaredTypes } from '../../../scripts/generate/script-names.ts';
import { openSandbox, runner, single } from './support.ts';

const ROOT = join(import.meta.dirname, '../../..');
const sandbox = openSandbox();
const run = runner(sandbox);
afterAll(() => sandbox.close());

const types = declaredTypes(ROOT);
const namesOf = (type: string): string[] => Object.keys(types[type] ?? {}).sort();
const declared = [...namesOf(''), ...namesOf('TransformGlobals')];
/** What a module makes of an event. */
const answer = async (body: string): Promise<Record<string, unknown>> =>
  single(
    await run(`export default async (event, { ...ctx }) => { ${body} }`, [{}], {
      variables: { destinationId: 'd', destinationType: 't', metadata: {} },
      secrets: { KEY: 'value' },
    } as never),
  ) as Record<string, unknown>;

test('script types - every name that is declared, and of the language, is there', async () => {
  const seen = [...declared, ...STANDARD_NAMES].map(name => `${name}: typeof ${name}`).join();
  const found = await answer(`return { ${seen} }`);
  const missing = Object.keys(found).filter(name => found[name] === 'undefined' && name !== 'undefined');
  expect(missing).toEqual([]);
  expect(Object.keys(found)).toHaveLength(new Set([...declared, ...STANDARD_NAMES]).size);
});

test('script types - every global that the sandbox adds to the language is declared', async () => {
  const { names } = (await answer('return { names: Object.getOwnPropertyNames(globalThis) }')) as {
    names: string[];
  };
  const language = vm.runInNewContext('Object.getOwnPropertyNames(globalThis)') as string[];
  // One of the two engines calls the global object by two old names more, which no script is to rely on.
  const added = names.filter(name => !language.includes(name) && !/^(GLOBAL|root)$/.test(name));
  expect(added).toContain('structuredClone');
  expect(added.filter(name => !declared.includes(name))).toEqual([]);
});

test.each([
  ['TransformKv', '$kv'],
  ['TransformHttp', '$context'],
  ['TransformContext', 'ctx'],
  ['TransformStore', 'store'],
  ['TransformLog', 'ctx.log'],
  ['TransformSubtle', 'crypto.subtle'],
  ['TransformCrypto', 'crypto'],
])('script types - %s has the members of %s, all of them and no other', async (type, expression) => {
  const { names } = await answer(
    `const of = ${expression}; return { names: Object.getOwnPropertyNames(of).filter(n => !/^(constructor|length|name)$/.test(n)) }`,
  );
  expect([...(names as string[])].sort()).toEqual(namesOf(type));
});

test.each([
  ['TransformConsole', 'console'],
  ['TransformBuffer', 'Buffer'],
  ['TransformPerformance', 'performance'],
])('script types - what %s declares is there', async (type, expression) => {
  const found = await answer(
    `return { missing: ${JSON.stringify(namesOf(type))}.filter(n => !(n in ${expression})) }`,
  );
  expect(found).toEqual({ missing: [] });
});

test('script types - every module that is declared is imported', async () => {
  const names = namesOf('TransformModules');
  const script = `${names.map((name, i) => `import * as m${i} from '${name}'`).join('\n')}
export default () => ({ empty: [${names.map((_, i) => `m${i}`)}].map(m => Object.keys(m).length).filter(n => n === 0) })`;
  expect(single(await run(script))).toEqual({ empty: [] });
  // What is said to be allowed is declared, too.
  const refused = single(await run("return require('fs')")) as { message: string };
  const allowed = /Allowed: ([\w, ]+)/.exec(refused.message)?.[1]?.split(', ') ?? [];
  expect(allowed.length).toBeGreaterThan(5);
  expect(allowed.filter(name => !names.includes(name))).toEqual([]);
});

test.each(namesOf('TransformHandlers'))('script types - %s takes an event', async name => {
  const type = name.startsWith('on') ? name.slice(2).toLowerCase() : 'track';
  const list = types.TransformHandlers?.[name]?.params?.[0]?.endsWith('[]');
  const script = `export function ${name}(given) { return ${list ? 'given.map(e => ({ ...e, taken: true }))' : '{ ...given, taken: true }'} }`;
  // kvflow hands the events of a call to a batch script together.
  expect(single(await run(script, [list ? [{ type }] : { type }]))).toEqual({ type, taken: true });
});
