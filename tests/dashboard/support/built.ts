import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '../../..');
const SOURCE = join(ROOT, 'dashboard');
/** A build takes a few seconds; a mark this old was left by a run that was killed. */
const STALE_MS = 90_000;
const OURS = /^(src|build|index\.html|vite\.config\.ts|tsconfig\.json)/;

/** `development`: with React's own checks, which warn in the console, and take half as long again. */
export type BuildMode = 'production' | 'development';

/**
 * The folder of the dashboard as its sources are now: built once into a temporary folder, which tests in other processes
 * and later runs use too for as long as the sources stay the same. Default: as it is shipped.
 */
export async function builtDashboard(mode: BuildMode = 'production'): Promise<string> {
  const folder = join(tmpdir(), `kvflow-dashboard-${mode}-${await fingerprint()}`);
  while (!(await isThere(folder))) {
    if (await claimed(`${folder}.lock`)) await build(folder, mode);
    else await sleep(100);
  }
  return folder;
}

async function build(folder: string, mode: BuildMode): Promise<void> {
  const draft = `${folder}.draft`;
  try {
    // Another process may have finished between our look and our claim.
    if (await isThere(folder)) return;
    const vite = join(ROOT, 'node_modules/vite/bin/vite.js');
    const args = ['build', SOURCE, '--outDir', draft, '--emptyOutDir', '--logLevel', 'warn'];
    // jest says `test` here, which is development to React.
    const env = { ...process.env, NODE_ENV: mode };
    await promisify(execFile)(process.execPath, [vite, ...args], { cwd: ROOT, env });
    await rename(draft, folder);
  } finally {
    await rm(`${folder}.lock`, { recursive: true, force: true });
  }
}

async function claimed(lock: string): Promise<boolean> {
  const mark = await stat(lock).catch(() => undefined);
  if (mark && Date.now() - mark.mtimeMs > STALE_MS) await rm(lock, { recursive: true, force: true });
  return mkdir(lock).then(
    () => true,
    () => false,
  );
}

async function fingerprint(): Promise<string> {
  const hash = createHash('sha256');
  const entries = await readdir(SOURCE, { recursive: true, withFileTypes: true });
  const files = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name));
  for (const file of files.filter(path => OURS.test(path.slice(SOURCE.length + 1))).sort()) {
    hash.update(file).update(await readFile(file));
  }
  hash.update(await readFile(join(ROOT, 'package.json')));
  return hash.digest('hex').slice(0, 16);
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
