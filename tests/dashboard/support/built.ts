import { execFile } from 'node:child_process';
import { cp, mkdir, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { fingerprint, notedSources } from '../../../dashboard/build/sources.ts';

const ROOT = join(import.meta.dirname, '../../..');
const SOURCE = join(ROOT, 'dashboard');
/** Where `npm run build` puts it. */
const SHIPPED = join(ROOT, 'dist/dashboard');
/** A build takes a few seconds; a mark this old was left by a run that was killed. */
const STALE_MS = 90_000;

/** `development`: with React's own checks, which warn in the console, and take half as long again. */
export type BuildMode = 'production' | 'development';

/**
 * The folder of the dashboard as its sources are now: built once into a temporary folder, which tests in other processes
 * and later runs use too for as long as the sources stay the same. Default: as it is shipped, and where `npm run build` has built
 * these sources a copy of that, which a later build does not change under the tests.
 */
export async function builtDashboard(mode: BuildMode = 'production'): Promise<string> {
  const sources = await fingerprint();
  const folder = join(tmpdir(), `kvflow-dashboard-${mode}-${sources}`);
  while (!(await isThere(folder))) {
    if (await claimed(`${folder}.lock`)) await make(folder, mode, sources);
    else await sleep(100);
  }
  return folder;
}

async function make(folder: string, mode: BuildMode, sources: string): Promise<void> {
  const draft = `${folder}.draft`;
  try {
    // Another process may have finished between our look and our claim.
    if (await isThere(folder)) return;
    await rm(draft, { recursive: true, force: true });
    const isBuilt = mode === 'production' && (await notedSources(SHIPPED)) === sources;
    if (isBuilt) await cp(SHIPPED, draft, { recursive: true }).catch(() => undefined);
    // A build that began meanwhile has taken the note away with the files.
    const isWhole =
      isBuilt && (await notedSources(SHIPPED)) === sources && (await notedSources(draft)) === sources;
    if (!isWhole) await build(draft, mode);
    await rename(draft, folder);
  } finally {
    await rm(`${folder}.lock`, { recursive: true, force: true });
  }
}

async function build(folder: string, mode: BuildMode): Promise<void> {
  const vite = join(ROOT, 'node_modules/vite/bin/vite.js');
  const args = ['build', SOURCE, '--outDir', folder, '--emptyOutDir', '--logLevel', 'warn'];
  // jest says `test` here, which is development to React.
  const env = { ...process.env, NODE_ENV: mode };
  await promisify(execFile)(process.execPath, [vite, ...args], { cwd: ROOT, env });
}

async function claimed(lock: string): Promise<boolean> {
  const mark = await stat(lock).catch(() => undefined);
  if (mark && Date.now() - mark.mtimeMs > STALE_MS) await rm(lock, { recursive: true, force: true });
  return mkdir(lock).then(
    () => true,
    () => false,
  );
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
