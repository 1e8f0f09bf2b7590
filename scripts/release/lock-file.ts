import { execFile } from 'node:child_process';
import { cp, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Installs from the lock file in a fresh folder, as far as npm writes that file, and compares: an install in a fresh clone must
 * leave it as it is.
 * @throws Error with the lines that npm would change
 */
export async function requireUnchangedLock(root: string, folder: string): Promise<void> {
  const { workspaces = [] } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    workspaces?: string[];
  };
  const files = ['package.json', 'package-lock.json', ...workspaces.map(path => `${path}/package.json`)];
  await mkdir(folder, { recursive: true });
  for (const file of files) await cp(join(root, file), join(folder, file), { recursive: true });
  const flags = ['--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
  await run('npm', ['install', ...flags], { cwd: folder });
  const [before, after] = await Promise.all(
    [root, folder].map(async place => (await readFile(join(place, 'package-lock.json'), 'utf8')).split('\n')),
  );
  const known = new Set(before);
  const changed = after?.filter(line => !known.has(line)) ?? [];
  if (before?.length === after?.length && changed.length === 0) return;
  throw new Error(
    `npm install changes package-lock.json (${before?.length} lines, then ${after?.length}); commit it as npm has it:\n${changed.slice(0, 20).join('\n')}`,
  );
}
