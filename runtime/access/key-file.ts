import { randomUUID } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { invalidField } from '../../contract/errors.ts';
import { type StillHeld, withFileLock } from '../locks/with-lock.ts';
import type { ApiKey, NewApiKey } from './api-key.ts';
import { makeApiKey, newKeyText } from './api-key.ts';
import { formatKeys, noteOnKeys, parseKeys } from './key-document.ts';

/** The API keys of a data directory. */
export interface KeyFile {
  readonly path: string;
  /** Adds a key; its text is answered this once and kept nowhere. Throws INVALID_INPUT. */
  add(wanted: NewApiKey): Promise<{ key: string; entry: ApiKey }>;
  list(): Promise<ApiKey[]>;
  /** Removes the key of this name. Throws INVALID_INPUT when there is none. */
  revoke(name: string): Promise<ApiKey>;
  /**
   * The keys as they are on disk, re-read when the file has changed: the same array as before as long as it has not.
   * Synchronous; one `stat`. Throws when the file cannot be read or understood.
   */
  snapshot(): readonly ApiKey[];
  /** What people should know of the file as it is, such as that it was written by an earlier kvflow. */
  note(): string | undefined;
}

const NO_KEYS: readonly ApiKey[] = [];

/** Opens `<dataDir>/api-keys.json`, which is made with the first key. Safe with any number of processes at once. */
export function createKeyFile(path: string): KeyFile {
  let seen: { stamp: string; keys: readonly ApiKey[] } = { stamp: '', keys: NO_KEYS };

  return { path, add, list, revoke, snapshot, note };

  async function add(wanted: NewApiKey) {
    const key = newKeyText();
    const entry = makeApiKey(key, wanted);
    await change(keys => {
      if (keys.some(other => other.name === entry.name)) {
        throw invalidField(
          '/name',
          `There is a key "${entry.name}" already; revoke it or choose another name.`,
        );
      }
      return [...keys, entry];
    });
    return { key, entry };
  }

  async function list(): Promise<ApiKey[]> {
    return parse(await readFile(path, 'utf8').catch(ignoreMissing));
  }

  async function revoke(name: string): Promise<ApiKey> {
    let revoked: ApiKey | undefined;
    await change(keys => {
      revoked = keys.find(key => key.name === name);
      if (!revoked) throw unknownName(name, keys);
      return keys.filter(key => key.name !== name);
    });
    return revoked as unknown as ApiKey;
  }

  function snapshot(): readonly ApiKey[] {
    const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
    const stamp = stats ? `${stats.ino}.${stats.mtimeNs}.${stats.size}` : '';
    if (stamp !== seen.stamp) seen = { stamp, keys: stats ? parse(readFileSync(path, 'utf8')) : NO_KEYS };
    return seen.keys;
  }

  function note(): string | undefined {
    return statSync(path, { throwIfNoEntry: false }) && noteOnKeys(readFileSync(path, 'utf8'));
  }

  function parse(text: string | undefined): ApiKey[] {
    return text === undefined ? [] : parseKeys(text, path);
  }

  async function change(edit: (keys: ApiKey[]) => ApiKey[]): Promise<void> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await withFileLock(`${path}.lock`, async held => replace(formatKeys(edit(await list())), held));
  }

  /** Readers see the old file or the new one, never a part, and a crash leaves one of the two. */
  async function replace(text: string, held: StillHeld): Promise<void> {
    const draft = `${path}.${randomUUID()}.tmp`;
    try {
      await writeFile(draft, text, { flag: 'wx', mode: 0o600, flush: true });
      if (!(await held())) throw new Error(`${path} was changed by another process meanwhile; try again.`);
      await rename(draft, path);
    } finally {
      await rm(draft, { force: true });
    }
  }
}

function unknownName(name: string, keys: ApiKey[]): Error {
  const known = keys.map(key => key.name).join(', ');
  return invalidField(
    '/name',
    `There is no key "${name}". ${known ? `There are: ${known}.` : 'There are no keys.'}`,
  );
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
  return undefined;
}
