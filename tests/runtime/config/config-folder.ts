import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../../runtime/config/config.ts';
import { readConfig } from '../../../runtime/config/read-config.ts';
import type { Env } from '../../../runtime/config/sources.ts';

/** A folder to read a configuration in. */
export interface ConfigFolder extends AsyncDisposable {
  readonly path: string;
  write(name: string, text: string | Uint8Array): Promise<string>;
  read(env?: Env, overrides?: Env): Promise<Config>;
  /** The faults of a configuration that must be refused, one line each. */
  faults(env?: Env, overrides?: Env): Promise<string[]>;
}

/** Makes one in the temporary folder, with these files in it. */
export async function configFolder(files: Record<string, string> = {}): Promise<ConfigFolder> {
  const path = await mkdtemp(join(tmpdir(), 'kvflow-config-'));
  const write = async (name: string, text: string | Uint8Array): Promise<string> => {
    await writeFile(join(path, name), text);
    return join(path, name);
  };
  for (const [name, text] of Object.entries(files)) await write(name, text);
  const read = (env: Env = {}, overrides: Env = {}): Promise<Config> =>
    readConfig({ env, cwd: path, overrides });
  return {
    path,
    write,
    read,
    faults: async (env, overrides) => {
      const error = await read(env, overrides).then(
        () => new Error('the configuration was taken'),
        (thrown: Error) => thrown,
      );
      expectCode(error);
      return error.message
        .split('\n')
        .slice(1)
        .map(line => line.replace(/^ {2}- /, ''));
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

function expectCode(error: Error): void {
  if ((error as { code?: string }).code !== 'INVALID_INPUT') throw error;
}
