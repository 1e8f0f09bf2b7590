import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { addToCache, type CachedServer } from '../../../runtime/nats/server/cache.ts';
import { type CommandEnv, isExecutable, run } from '../../../runtime/processes/command.ts';
import { type AptSource, aptSources, prepareApt } from './apt-folder.ts';

/** What {@link fetchDebianPackage} needs to know. */
export interface DebianPackageOptions {
  env: CommandEnv;
  cacheDir: string;
  onProgress: (line: string) => void;
}

/** Debian's suites with a nats-server that is new enough, the stabler one first. */
const SUITES = ['forky', 'sid'];

/**
 * Fetches Debian's nats-server package with the machine's own apt-get, archive and keys, into the cache and nowhere else:
 * apt works in a folder of its own, and the package is unpacked, not installed. Needs no root.
 * @throws Error saying what went wrong with each suite.
 */
export async function fetchDebianPackage(options: DebianPackageOptions): Promise<CachedServer> {
  const { env, cacheDir, onProgress } = options;
  const faults: string[] = [];
  for (const source of await aptSources(env, SUITES)) {
    onProgress(
      `Fetching Debian's nats-server package from suite ${source.suite} (nothing is installed system-wide)`,
    );
    try {
      return await addToCache(cacheDir, env, scratch => fetchInto(scratch, source));
    } catch (error) {
      faults.push(`${source.suite}: ${(error as Error).message}`);
    }
  }
  throw new Error(faults.join('; '));
}

async function fetchInto(scratch: string, source: AptSource): Promise<string> {
  const apt = join(scratch, 'apt');
  const files = join(scratch, 'files');
  const options = await prepareApt(apt, source);
  await run('apt-get', ['-q', 'download', 'nats-server'], options);
  const deb = (await readdir(apt)).find(name => name.endsWith('.deb'));
  if (deb === undefined) throw new Error('apt-get left no package behind');
  await run('dpkg-deb', ['-x', deb, files], options);
  return binaryIn(files);
}

async function binaryIn(files: string): Promise<string> {
  for (const dir of ['usr/sbin', 'usr/bin']) {
    const path = join(files, dir, 'nats-server');
    if (await isExecutable(path)) return path;
  }
  throw new Error('the package holds no nats-server');
}
