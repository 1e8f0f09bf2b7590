import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { CommandEnv } from '../../processes/command.ts';
import { BINARY_NAME, type CachedServer } from './cache.ts';
import { usableVersion } from './version.ts';

/** Whose node_modules are searched: those around the file or folder that is given. */
const HERE = import.meta.url;

/**
 * The npm package that holds nats-server for a platform, such as `@kvflow/nats-server-linux-x64`. Named by Node's own
 * words for platform and architecture, which are also those of the `os` and `cpu` fields of package.json.
 */
export function platformPackage(platform: string = process.platform, arch: string = process.arch): string {
  return `@kvflow/nats-server-${platform}-${arch}`;
}

/**
 * The nats-server of this platform's npm package, which comes with kvflow as an optional dependency.
 * @param from where the package is looked for, as a file URL or path. Default: beside kvflow.
 * @throws Error when it is not installed or does not run here.
 */
export async function packagedServer(env: CommandEnv, from: string = HERE): Promise<CachedServer> {
  const name = platformPackage();
  const manifest = manifestOf(name, from);
  if (manifest === undefined) throw new Error(`${name} is not installed`);
  const path = join(dirname(manifest), 'bin', BINARY_NAME);
  return { path, version: await usableVersion(path, env) };
}

function manifestOf(name: string, from: string): string | undefined {
  try {
    return createRequire(from).resolve(`${name}/package.json`);
  } catch {
    return undefined;
  }
}
