import { type CommandEnv, run } from '../../processes/command.ts';

/** The oldest nats-server kvflow works with: per-key TTL came with it. */
export const MIN_NATS_VERSION = '2.11.0';

/**
 * Asks a nats-server binary for its version, such as `2.15.1`.
 * @throws Error when it does not run, says something else, or is older than {@link MIN_NATS_VERSION}; the message says which.
 */
export async function usableVersion(path: string, env: CommandEnv): Promise<string> {
  const { stdout, stderr } = await run(path, ['--version'], { env, timeoutMs: 10_000 });
  const version = /nats-server:\s*v?(\d+\.\d+\.\d+\S*)/.exec(`${stdout}\n${stderr}`)?.[1];
  if (version === undefined) throw new Error(`${path} does not answer --version as nats-server does`);
  if (compareVersions(version, MIN_NATS_VERSION) < 0) {
    throw new Error(`${path} is nats-server ${version}; kvflow needs ${MIN_NATS_VERSION} or newer`);
  }
  return version;
}

/** Orders two versions by their numbers; a pre-release counts as the version it leads to. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [numbers(a), numbers(b)];
  for (let i = 0; i < 3; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function numbers(version: string): number[] {
  return version.split(/[.-]/, 3).map(part => Number.parseInt(part, 10) || 0);
}
