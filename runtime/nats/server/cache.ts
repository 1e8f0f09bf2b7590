import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandEnv } from '../../processes/command.ts';
import { homeFolder } from '../../processes/home.ts';
import { compareVersions, usableVersion } from './version.ts';

/** A nats-server in the cache. */
export interface CachedServer {
  path: string;
  version: string;
}

const ENTRY = /^nats-server-(\d+\.\d+\.\d+\S*)$/;
const SCRATCH = '.tmp-';
const SCRATCH_MAX_AGE_MS = 24 * 3_600_000;

/** The file name of the binary on this platform. */
export const BINARY_NAME = process.platform === 'win32' ? 'nats-server.exe' : 'nats-server';

/** The user's cache folder for kvflow, by each platform's own custom. */
export function defaultCacheDir(env: CommandEnv, platform: string = process.platform): string {
  // Of a user without a home what is temporary will do.
  const home = env.HOME || homeFolder() || tmpdir();
  if (platform === 'win32') return join(env.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'kvflow');
  if (env.XDG_CACHE_HOME) return join(env.XDG_CACHE_HOME, 'kvflow');
  return platform === 'darwin' ? join(home, 'Library', 'Caches', 'kvflow') : join(home, '.cache', 'kvflow');
}

/**
 * The newest usable nats-server in the cache.
 * @throws Error when there is none; a copy that no longer runs is named.
 */
export async function cachedServer(cacheDir: string, env: CommandEnv): Promise<CachedServer> {
  const faults: string[] = [];
  for (const name of await entries(cacheDir)) {
    const path = join(cacheDir, name, BINARY_NAME);
    try {
      return { path, version: await usableVersion(path, env) };
    } catch (error) {
      faults.push((error as Error).message);
    }
  }
  throw new Error(faults.length === 0 ? `${cacheDir} holds none` : faults.join('; '));
}

/**
 * Builds a nats-server in a scratch folder of the cache and moves it into place in one step, so that no other process
 * ever sees half of it. Two at once are fine: the later one uses what the earlier one put there.
 * @param build leaves the binary in the folder it is given, and answers its path.
 */
export async function addToCache(
  cacheDir: string,
  env: CommandEnv,
  build: (scratch: string) => Promise<string>,
): Promise<CachedServer> {
  await mkdir(cacheDir, { recursive: true });
  await sweepScratch(cacheDir);
  const scratch = await mkdtemp(join(cacheDir, SCRATCH));
  try {
    const built = await build(scratch);
    const version = await usableVersion(built, env);
    const ready = join(scratch, 'ready');
    await mkdir(ready);
    await rename(built, join(ready, BINARY_NAME));
    return await moveIn(ready, { path: join(cacheDir, `nats-server-${version}`), version }, env);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function moveIn(ready: string, target: CachedServer, env: CommandEnv): Promise<CachedServer> {
  const entry = { path: join(target.path, BINARY_NAME), version: target.version };
  try {
    await rename(ready, target.path);
  } catch (error) {
    // Either another process was first, and its copy is as good as ours, or a broken copy is in the way.
    if (await runs(entry.path, env)) return entry;
    await rename(target.path, join(ready, '..', 'broken')).catch(() => Promise.reject(error));
    await rename(ready, target.path);
  }
  return entry;
}

async function runs(path: string, env: CommandEnv): Promise<boolean> {
  return usableVersion(path, env).then(
    () => true,
    () => false,
  );
}

async function entries(cacheDir: string): Promise<string[]> {
  const names = await readdir(cacheDir).catch(() => []);
  const versionOf = (name: string): string => ENTRY.exec(name)?.[1] ?? '0';
  return names.filter(name => ENTRY.test(name)).sort((a, b) => compareVersions(versionOf(b), versionOf(a)));
}

/** Removes what a killed process left half-way, long after anyone could still be working in it. */
async function sweepScratch(cacheDir: string): Promise<void> {
  for (const name of await readdir(cacheDir)) {
    if (!name.startsWith(SCRATCH)) continue;
    const path = join(cacheDir, name);
    const age = Date.now() - (await stat(path).catch(() => ({ mtimeMs: Date.now() }))).mtimeMs;
    if (age > SCRATCH_MAX_AGE_MS) await rm(path, { recursive: true, force: true });
  }
}
