import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PackError } from '../../contract/errors.ts';
import { homeFolder } from '../processes/home.ts';
import type { Settings } from '../transports/cli/host.ts';

/** A server that was logged in to. */
export interface Profile {
  url: string;
  key?: string;
}

/** What is kept of all of them. */
interface ProfilesFile {
  version: 1;
  profiles: Record<string, Profile>;
}

/** The profile that commands use when nothing says otherwise. */
export const DEFAULT_PROFILE = 'default';
/** Variables that say where data is: with one of them the default profile has no say. */
const PLACES = ['KVFLOW_URL', 'KVFLOW_DATA_DIR', 'KVFLOW_CONFIG', 'NATS_URL'];

/**
 * The profiles of whoever runs the command, in `kvflow/profiles.json` of their configuration; only they may read it. A user without
 * a home has none, and nowhere to keep one: what is temporary is everybody's.
 */
export function openProfiles(env: Settings) {
  const folder = configFolder(env);
  const path = join(folder ?? '', 'kvflow', 'profiles.json');
  return { path, read, save, remove, chosen };

  async function read(): Promise<Record<string, Profile>> {
    if (folder === undefined) return {};
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw new PackError('INVALID_INPUT', `${path} cannot be read (${error.code}).`);
    });
    if (text === undefined) return {};
    const file = parsed(text);
    if (file?.version === 1) return file.profiles;
    throw new PackError('INVALID_INPUT', `${path} is none of this kvflow's. Move it away and log in again.`);
  }

  async function save(name: string, profile: Profile): Promise<void> {
    await write({ ...(await read()), [name]: profile });
  }

  /** Answers whether there was one. */
  async function remove(name: string): Promise<boolean> {
    const { [name]: gone, ...rest } = await read();
    if (gone) await write(rest);
    return gone !== undefined;
  }

  /** The profile that is named, or the default one where nothing else says where data is. */
  async function chosen(): Promise<Profile | undefined> {
    const { KVFLOW_PROFILE: name } = env;
    if (!name && PLACES.some(variable => env[variable])) return undefined;
    const profiles = await read();
    const profile = profiles[name || DEFAULT_PROFILE];
    if (profile || !name) return profile;
    const names = Object.keys(profiles).join(', ') || 'none';
    throw new PackError(
      'INVALID_INPUT',
      `There is no profile "${name}"; there is ${names}. Make it: kvflow login --profile ${name}`,
    );
  }

  /** In a file of its own first, so that nobody reads half of it. */
  async function write(profiles: Record<string, Profile>): Promise<void> {
    if (folder === undefined)
      throw new PackError(
        'INVALID_INPUT',
        'This user has no home folder to keep a profile in: set HOME or XDG_CONFIG_HOME, or give --url and --key.',
      );
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file: ProfilesFile = { version: 1, profiles };
    const next = `${path}.${process.pid}`;
    await writeFile(next, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 });
    await chmod(next, 0o600);
    await rename(next, path);
  }
}

function configFolder({ XDG_CONFIG_HOME, APPDATA }: Settings): string | undefined {
  if (XDG_CONFIG_HOME) return XDG_CONFIG_HOME;
  if (process.platform === 'win32' && APPDATA) return APPDATA;
  const home = homeFolder();
  return home && join(home, '.config');
}

function parsed(text: string): ProfilesFile | undefined {
  try {
    return JSON.parse(text) as ProfilesFile;
  } catch {
    return undefined;
  }
}
