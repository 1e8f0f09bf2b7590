/**
 * `npm run nats-server`: whether this checkout has a nats-server, and where. Where kvflow itself finds and can download none, Debian's
 * package is fetched into the same cache with the machine's own apt-get; nothing is installed. The build and the tests of a
 * checkout do the same, so that both work where only npm's registry and Debian's archive can be reached.
 * `--quiet` says nothing where there is one, and never fails: a NATS of one's own may be all that is wanted.
 */
import { parseArgs } from 'node:util';
import { defaultCacheDir } from '../runtime/nats/server/cache.ts';
import { findNatsServer } from '../runtime/nats/server/find.ts';
import type { CommandEnv } from '../runtime/processes/command.ts';
import { fetchDebianPackage } from '../tests/support/debian/nats-server.ts';

/** A nats-server that is at hand now. */
export interface BroughtServer {
  path: string;
  version: string;
}

/** What {@link bringNatsServer} is told; see {@link findNatsServer}. */
export interface BringOptions {
  env: CommandEnv;
  /** Told what takes a while, one line at a time. Default: nobody is. */
  onProgress?: (line: string) => void;
}

/**
 * The nats-server that kvflow finds on this machine, or Debian's package in the cache, where kvflow finds it from then on.
 * @throws PackError UNAVAILABLE, with what was tried
 */
export async function bringNatsServer({ env, onProgress = () => {} }: BringOptions): Promise<BroughtServer> {
  try {
    return await findNatsServer({ env, onProgress });
  } catch (error) {
    // What was asked for by name is not replaced.
    if (env.NATS_SERVER_BIN) throw error;
    const fetched = fetchDebianPackage({ env, cacheDir: defaultCacheDir(env), onProgress });
    return await fetched.catch(({ message }: Error) => {
      if (error instanceof Error) error.message += `\nDebian's package: ${message}`;
      throw error;
    });
  }
}

if (import.meta.main) {
  const { quiet = false } = parseArgs({ options: { quiet: { type: 'boolean' } } }).values;
  try {
    const { path, version } = await bringNatsServer({ env: process.env, onProgress: console.error });
    if (!quiet) console.log(`nats-server ${version}: ${path}`);
  } catch (error) {
    console.error((error as Error).message);
    if (!quiet) process.exitCode = 1;
  }
}
