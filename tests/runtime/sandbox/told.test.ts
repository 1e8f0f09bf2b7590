import { afterAll, expect, test } from '@jest/globals';
import { openSandbox, runner, single } from './support.ts';

const sandbox = openSandbox();
const run = runner(sandbox);
afterAll(() => sandbox.close());

const one = async (script: string, event: unknown = { n: 1 }, more = {}) =>
  single(await run(script, [event], more));

test('transform module - TypeScript, and errors at the lines and columns of its author', async () => {
  const script = `interface Order { price: number; count?: number }
type Made<T> = { total: T }
export default function (event: Order, { log }: { log: any }): Made<number> {
  const count: number = event.count ?? (1 as number)
  if (count < 0) { throw new RangeError('count') }
  return { total: event.price * count } satisfies Made<number>
}`;
  expect(await one(script, { price: 2, count: 3 })).toEqual({ total: 6 });
  expect(await one(script, { price: 2, count: -3 })).toMatchObject({
    message: 'RangeError: count',
    stack: expect.stringMatching(/^ {2}at default \(5:26\)/),
  });
  expect(await one('const n: number = $.n as number\nreturn { n }', { n: 1 })).toEqual({ n: 1 });
  expect(await one('({ ...$, a: 1 as number })', {})).toEqual({ a: 1 });
  expect(await sandbox.check(script)).toBeUndefined();
  expect(await sandbox.check('const a: number = 1\nconst b: = 2\nreturn {}')).toMatchObject({
    line: 2,
    column: 10,
  });
  // What is missing at the end is behind the last character of the author's own text.
  expect(await sandbox.check('const a = 1\nreturn { a: $.b')).toMatchObject({ line: 2, column: 16 });
  expect(await sandbox.check('export default () => {')).toMatchObject({ line: 1, column: 23 });
  expect(await sandbox.check('enum A { B }\nreturn { a: A.B }')).toMatchObject({
    line: 1,
    message: expect.stringContaining('enum'),
  });
  expect(await one('export default (e: any) => ({\n  a: e.user.name })', {})).toMatchObject({
    stack: expect.stringMatching(/\(2:13\)/),
  });
});

test('transform - what goes wrong in an import is told at its line, in a library too', async () => {
  const libraries = {
    'lib:a': 'export const a = 1;\nimport { b } from "lib:b"',
    'lib:b': 'export const b = 1;\nexport { a } from\n  "lib:a"',
    'lib:bad': '\nthrow new Error("at once")',
  };
  const told = async (script: string, ...names: (keyof typeof libraries)[]) => {
    const used = Object.fromEntries(names.map(name => [name, libraries[name]]));
    const { message, stack } = (await one(script, {}, { libraries: used })) as {
      message: string;
      stack: string;
    };
    return [message, ...stack.split('\n').map(line => line.trim())];
  };
  const keep = 'export default e => e';
  expect(await told(`// first\n  import x from 'lib:none'\n${keep}`)).toEqual([
    expect.stringContaining("no library 'lib:none'"),
    'at import (2:3)',
  ]);
  const typed = "import type { T } from 'lib:t'\nimport pad from 'left-pad'\nexport default e => pad(e)";
  expect(await told(typed)).toEqual([expect.stringContaining("'left-pad'"), 'at import (2:1)']);
  expect(await told(`import 'lib:bad'\n${keep}`, 'lib:bad')).toEqual([
    'Error: at once',
    'at main (lib:bad:2:7)',
    'at import (1:1)',
  ]);
  expect(await told(`${keep}\nexport * from 'lib:a'`, 'lib:a', 'lib:b')).toEqual([
    'Error: The library lib:a imports itself.',
    'at import (lib:b:2:1)',
    'at import (lib:a:2:1)',
    'at import (2:1)',
  ]);
});

test('transform - causes, the errors of an AggregateError and rejections that nobody awaited are told', async () => {
  expect(await one('try { null.x } catch (cause) { throw new Error("outer", { cause }) }')).toMatchObject({
    message: 'Error: outer',
    stack: expect.stringMatching(/^ {2}at main[\s\S]*Caused by: TypeError: [\s\S]*at main/),
  });
  const many = 'await Promise.any([Promise.reject(new Error("one")), Promise.reject("two")])';
  expect(await one(many)).toMatchObject({
    stack: expect.stringMatching(/Error 1 of 2: Error: one[\s\S]*Error 2 of 2: 'two'/),
  });
  const { results, warnings } = await run(
    'async function send() { throw new Error("lost") }\nsend(); return $',
    [{ n: 1 }, { n: 2 }],
  );
  expect(results.map(({ outcome }) => outcome)).toEqual(['ok', 'ok']);
  expect(warnings).toEqual([expect.stringContaining('Error: lost')]);
});

test('transform - console knows %s and its like', async () => {
  const { logs } = await run('console.log("%s is %d%%", "a", 50, { b: 1 }); console.log("100%"); return $');
  expect(logs.map(({ message }) => message)).toEqual(['a is 50% { b: 1 }', '100%']);
});
