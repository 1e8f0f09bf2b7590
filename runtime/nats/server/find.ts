import { resolve } from 'node:path';
import { PackError } from '../../../contract/errors.ts';
import { type CommandEnv, onPath } from '../../processes/command.ts';
import { cachedServer, defaultCacheDir } from './cache.ts';
import { packagedServer } from './platform-package.ts';
import { downloadRelease } from './release-download.ts';
import { NATS_RELEASE, type NatsRelease, RELEASE_BASE_URL } from './releases.ts';
import { MIN_NATS_VERSION, usableVersion } from './version.ts';

/** What {@link findNatsServer} may be told. Only `env` is needed. */
export interface FindNatsServerOptions {
  /** Read: NATS_SERVER_BIN, PATH, HOME, XDG_CACHE_HOME, LOCALAPPDATA. Passed on to the commands that are run. */
  env: CommandEnv;
  /** Where downloaded servers are kept. Default: the user's cache folder, sub-folder `kvflow`. */
  cacheDir?: string;
  /** Told what is going on where it may take a while, one line at a time. */
  onProgress?: (line: string) => void;
  /** Where releases are downloaded from. Default: the NATS project's releases on GitHub. */
  releaseBaseUrl?: string;
  /** The release to download. Default: the pinned one. */
  release?: NatsRelease;
  /** How long a download may stay silent before it is given up, in milliseconds. Default 10 000. */
  downloadTimeoutMs?: number;
  /** Beside which file the platform's npm package is looked for. Default: kvflow's own. */
  packageFrom?: string;
  /** Directories searched after those of PATH. Default: where Debian's package puts it, which is not on every user's PATH. */
  extraDirs?: readonly string[];
}

/** Where a nats-server was found. */
export type NatsServerSource = 'NATS_SERVER_BIN' | 'PATH' | 'package' | 'cache' | 'release';

/** A nats-server to run. */
export interface NatsServerBinary {
  path: string;
  /** Such as `2.15.1`. */
  version: string;
  source: NatsServerSource;
}

type Place = [
  source: NatsServerSource,
  label: string,
  look: () => Promise<{ path: string; version: string }>,
];

const SBIN_DIRS = process.platform === 'win32' ? [] : ['/usr/local/sbin', '/usr/sbin'];

/**
 * Finds a nats-server of version 2.11 or newer: on PATH, in the platform's npm package, in the cache; else downloads the release into the user's cache.
 * NATS_SERVER_BIN, when set, is the only place looked at. Nothing is installed system-wide.
 * @throws PackError UNAVAILABLE: its message lists what was tried, why each failed, and what to do.
 */
export async function findNatsServer(options: FindNatsServerOptions): Promise<NatsServerBinary> {
  const given = options.env.NATS_SERVER_BIN;
  if (given) return checkGiven(resolve(given), options.env);
  const tried: string[] = [];
  for (const [source, label, look] of places(options)) {
    try {
      return { ...(await look()), source };
    } catch (error) {
      tried.push(`${label}: ${(error as Error).message}`);
    }
  }
  throw notFound(tried);
}

function places(options: FindNatsServerOptions): Place[] {
  const {
    env,
    onProgress = () => {},
    release = NATS_RELEASE,
    downloadTimeoutMs: timeoutMs = 10_000,
  } = options;
  const cacheDir = options.cacheDir ?? defaultCacheDir(env);
  const baseUrl = (options.releaseBaseUrl ?? RELEASE_BASE_URL).replace(/\/+$/, '');
  return [
    ['PATH', 'on PATH', () => searchPath(env, options.extraDirs ?? SBIN_DIRS)],
    // After PATH: data that a newer server of the user's wrote must not meet an older one.
    ['package', 'npm package', () => packagedServer(env, options.packageFrom)],
    ['cache', 'in the cache', () => cachedServer(cacheDir, env)],
    ['release', 'release', () => downloadRelease({ env, cacheDir, baseUrl, release, timeoutMs, onProgress })],
  ];
}

async function checkGiven(path: string, env: CommandEnv): Promise<NatsServerBinary> {
  try {
    return { path, version: await usableVersion(path, env), source: 'NATS_SERVER_BIN' };
  } catch (error) {
    const message = `NATS_SERVER_BIN cannot be used: ${(error as Error).message}. Point it at a nats-server of version ${MIN_NATS_VERSION} or newer, or unset it and kvflow looks for one itself.`;
    throw new PackError('UNAVAILABLE', message, { retryable: false, cause: error });
  }
}

async function searchPath(
  env: CommandEnv,
  extraDirs: readonly string[],
): Promise<{ path: string; version: string }> {
  const faults: string[] = [];
  for (const path of await onPath('nats-server', env, extraDirs)) {
    try {
      return { path, version: await usableVersion(path, env) };
    } catch (error) {
      faults.push((error as Error).message);
    }
  }
  throw new Error(faults.length === 0 ? 'there is no nats-server' : faults.join('; '));
}

function notFound(tried: readonly string[]): PackError {
  const message = [
    `kvflow found no nats-server ${MIN_NATS_VERSION} or newer, and could not fetch one:`,
    ...tried.map(line => `  - ${line}`),
    'What to do: install nats-server (https://nats.io/download, or "brew install nats-server" on macOS), or set',
    'NATS_SERVER_BIN to the path of its binary, or set NATS_URL to use a NATS server that is already running.',
    'Behind a proxy, set HTTPS_PROXY and NODE_USE_ENV_PROXY=1 and start again.',
  ].join('\n');
  return new PackError('UNAVAILABLE', message, { retryable: false, details: { tried } });
}
