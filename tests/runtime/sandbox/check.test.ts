import { afterAll, expect, test } from '@jest/globals';
import { openSandbox } from './support.ts';

const sandbox = openSandbox();
afterAll(() => sandbox.close());

test('transform - check finds a syntax error without running anything', async () => {
  expect(await sandbox.check('return {...$}')).toBeUndefined();
  expect(await sandbox.check('const a = 1\nreturn {a,,}')).toMatchObject({ line: 2, column: 11 });
  expect(await sandbox.check('return 1 }); evil(); (function () {')).toMatchObject({ line: 1 });
  expect(await sandbox.check(`return ${'('.repeat(200_000)}`)).toBeDefined();
  expect(await sandbox.check('$.a = 1;\n$.b = 2;')).toMatchObject({ neverReturns: true, line: 2, column: 1 });
  expect(await sandbox.check('if ($.a) return $')).toBeUndefined();
  expect(await sandbox.check('const f = () => { return 1 }')).toMatchObject({ neverReturns: true });
  expect(await sandbox.check("$.a = 1; throw new Error('no')")).toBeUndefined();
  await expect(sandbox.check('  ')).rejects.toMatchObject({ code: 'SCRIPT_ERROR' });
});
