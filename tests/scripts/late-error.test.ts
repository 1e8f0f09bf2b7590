import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../..');

test('npm test - a file alone fails where an error comes behind its last test', () => {
  const args = ['scripts/test.ts', '--testMatch=**/tests/scripts/late-error.ts'];
  const env = { ...process.env, KVFLOW_TEST_WORKERS: '1', CI: '' };
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: ROOT, env, encoding: 'utf8' });
  expect([status, stdout.trim()]).toEqual([1, '1 passed, 1 failed']);
}, 60_000);
