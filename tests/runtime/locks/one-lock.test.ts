/** A lock of files is hard to get right: there is one, and no second beside it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { sourceFiles, withoutComments } from '../../../scripts/generate/imports.ts';

const ROOT = join(import.meta.dirname, '../../..');
/** What makes a file only where there is none, which is what a lock file is made of; and a file that is called a lock. */
const ONLY_WHERE_NONE =
  /\b(sym)?link(Sync)?\(|\bEEXIST\b|\bO_EXCL\b|['"][aw]x\+?['"]|\bmkdir(Sync)?\((?![^;]*recursive)/;
const CALLED_LOCK = /\.lock[`'"]/;
/** Each has the file, or the folder, for what is in it. */
const NO_LOCKS = [
  'runtime/access/key-file.ts',
  'runtime/flows/user-folder.ts',
  'runtime/nats/server/cache.ts',
  'runtime/nats/server/nats-process.ts',
  'runtime/nats/server/release-download.ts',
  'runtime/warehouses/home.ts',
];

/** Whether a file locks by files in a way of its own. */
function locksByItself(file: string, text: string): boolean {
  if (file.startsWith('runtime/locks/')) return false;
  const code = withoutComments(text);
  if (CALLED_LOCK.test(code) && !/\b(takeLock|withFileLock)\(/.test(code)) return true;
  return ONLY_WHERE_NONE.test(code) && !NO_LOCKS.includes(file);
}

test('architecture - there is one lock of files, that of runtime/locks', () => {
  const files = sourceFiles(ROOT).filter(file => /^(contract|functions|runtime)\//.test(file));
  const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
  expect(files.filter(file => locksByItself(file, read(file)))).toEqual([]);
  // What is excepted still makes files so.
  expect(NO_LOCKS.filter(file => !ONLY_WHERE_NONE.test(withoutComments(read(file))))).toEqual([]);
});

test.each([
  "await writeFile(path, String(process.pid), { flag: 'wx' });",
  "const file = await open(path, 'wx+');",
  'const fd = openSync(path, O_CREAT | O_EXCL);',
  'await mkdir(path);',
  'await link(draft, path);',
  "if (error.code === 'EEXIST') await sleep(10);",
  "await writeFile(path + '.lock', holder);",
])('architecture - the check notices a second lock of files: %s', code => {
  expect(locksByItself('runtime/access/lock.ts', code)).toBe(true);
  expect(locksByItself('runtime/locks/lock-file.ts', code)).toBe(false);
});
