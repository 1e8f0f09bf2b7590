import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { type CommandEnv, run } from '../../processes/command.ts';
import { addToCache, BINARY_NAME, type CachedServer } from './cache.ts';
import { type NatsRelease, releasePlatform } from './releases.ts';

/** What {@link downloadRelease} needs to know. */
export interface ReleaseOptions {
  env: CommandEnv;
  cacheDir: string;
  baseUrl: string;
  release: NatsRelease;
  /** How long the server may take until its answer begins, and then between two pieces of it, in milliseconds. */
  timeoutMs: number;
  onProgress: (line: string) => void;
}

/** No release of nats-server comes near this size: what is larger is something else. */
const MAX_BYTES = 200 << 20;

/**
 * Downloads the NATS project's own release for this platform into the cache: checked against the pinned sum before it is
 * unpacked.
 * @throws Error saying what went wrong; nothing stays behind.
 */
export async function downloadRelease(options: ReleaseOptions): Promise<CachedServer> {
  const { release, baseUrl, cacheDir, env } = options;
  const platform = releasePlatform();
  const sha256 = release.sha256[platform];
  if (sha256 === undefined) throw new Error(`kvflow has no checksum of the release for ${platform}`);
  const name = `nats-server-v${release.version}-${platform}`;
  const archive = `${name}${process.platform === 'win32' ? '.zip' : '.tar.gz'}`;
  const url = `${baseUrl}/v${release.version}/${archive}`;
  return addToCache(cacheDir, env, async scratch => {
    const file = join(scratch, archive);
    options.onProgress(`Downloading nats-server ${release.version} from ${url}`);
    await download(url, file, options.timeoutMs).then(sum => verify(url, sum, sha256));
    await run(tarCommand(env), ['-xf', archive, `${name}/${BINARY_NAME}`], { env, cwd: scratch });
    return join(scratch, name, BINARY_NAME);
  });
}

/** Saves what the address answers; gives the sha256 of what came. */
async function download(url: string, file: string, timeoutMs: number): Promise<string> {
  const quiet = new AbortController();
  const timer = setTimeout(() => quiet.abort(), timeoutMs);
  try {
    const response = await fetch(url, { signal: quiet.signal });
    if (!response.ok || response.body === null) throw new Error(`the answer was HTTP ${response.status}`);
    return await save(response.body, file, () => timer.refresh());
  } catch (error) {
    const why = quiet.signal.aborted ? `nothing came for ${timeoutMs / 1000} s` : reason(error);
    throw new Error(`${url}: ${why}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

async function save(body: AsyncIterable<Uint8Array>, file: string, onChunk: () => void): Promise<string> {
  const hash = createHash('sha256');
  const out = await open(file, 'wx');
  let size = 0;
  try {
    for await (const chunk of body) {
      onChunk();
      size += chunk.byteLength;
      if (size > MAX_BYTES) throw new Error(`the answer is larger than ${MAX_BYTES} bytes`);
      hash.update(chunk);
      await out.writeFile(chunk);
    }
  } finally {
    await out.close();
  }
  return hash.digest('hex');
}

function verify(url: string, actual: string, expected: string): void {
  if (actual === expected) return;
  throw new Error(
    `${url}: the checksum is wrong (sha256 ${actual}, expected ${expected}); nothing was unpacked`,
  );
}

/** `fetch failed` alone tells nobody anything: the cause has the name that could not be resolved, or the like. */
function reason(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error && cause.message !== '' ? `${message} (${cause.message})` : message;
}

/** Windows brings a tar that reads zip, but a Unix-like tar that does not may come before it on PATH. */
function tarCommand(env: CommandEnv): string {
  if (process.platform !== 'win32') return 'tar';
  return join(env.SystemRoot ?? 'C:\\Windows', 'System32', 'tar.exe');
}
