import { PackError } from '../../contract/errors.ts';
import type { ApiKey } from './api-key.ts';
import { KEY_NAME } from './api-key.ts';

/** What is written; a build that knows less of rights refuses it. */
const VERSION = 2;

/** Rights that a key of version 1 says nothing of: its warehouses with their own tables, and no more. */
function withRights(key: Omit<ApiKey, Added> & Partial<ApiKey>): ApiKey {
  const unlimited = key.functions.includes('*') && key.buckets.includes('*');
  const flows = unlimited && !key.read_only;
  return { subjects: [], destinations: ['*'], tables: [], namespaces: ['*'], flows, ...key };
}

type Added = 'subjects' | 'destinations' | 'tables' | 'namespaces' | 'flows';

/** What the keys of a file of version 1 may no longer do, for people; undefined for a newer one. */
export function noteOnKeys(text: string): string | undefined {
  const { version, keys } = JSON.parse(text) as { version?: unknown; keys?: unknown[] };
  if (version !== 1 || !keys?.length) return undefined;
  return (
    'The API keys were made by an earlier kvflow. They keep their functions and buckets; they use destinations with the tables these list, may not have ' +
    'writes published on subjects, use buckets of kvflow itself only where their buckets are *, and call what flows serve only where nothing is limited. To give a key more, revoke it and add it again.'
  );
}

/** Writes the key file's text. */
export function formatKeys(keys: readonly ApiKey[]): string {
  return `${JSON.stringify({ version: VERSION, keys }, null, 2)}\n`;
}

/** Reads the key file's text. Throws INVALID_INPUT that names the file and the fault: a half-read key file would let the wrong people in. */
export function parseKeys(text: string, path: string): ApiKey[] {
  const document = parseJson(text, path) as { version?: unknown; keys?: unknown } | null;
  const version = document?.version;
  if (!document || (version !== 1 && version !== VERSION) || !Array.isArray(document.keys)) {
    throw new PackError(
      'INVALID_INPUT',
      `${path} is no key file of this version of kvflow: it must have "version": 1 or 2 and a list "keys".`,
    );
  }
  document.keys.forEach((key, index) => {
    const fault = faultOf(key) ?? (version === VERSION ? rightsFaultOf(key) : undefined);
    if (fault)
      throw new PackError(
        'INVALID_INPUT',
        `${path}: /keys/${index}/${fault}. Mend it, or revoke the key and add it again.`,
      );
  });
  return (document.keys as ApiKey[]).map(withRights);
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new PackError('INVALID_INPUT', `${path} is not valid JSON: ${(error as Error).message}`);
  }
}

function faultOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return ' must be an object';
  const key = value as Record<keyof ApiKey, unknown>;
  if (typeof key.name !== 'string' || !KEY_NAME.test(key.name))
    return 'name must be 1 to 64 letters, digits and . _ -';
  if (typeof key.hash !== 'string' || !/^[0-9a-f]{64}$/.test(key.hash))
    return 'hash must be a SHA-256 in hex';
  if (typeof key.prefix !== 'string') return 'prefix must be text';
  if (!isTexts(key.functions)) return 'functions must be a list of texts';
  if (!isTexts(key.buckets)) return 'buckets must be a list of texts';
  if (typeof key.read_only !== 'boolean') return 'read_only must be true or false';
  if (!isRate(key.rate_limit)) return 'rate_limit must be null or { "calls": 100, "per": "second" }';
  if (!isTimeOrNull(key.expires_at)) return 'expires_at must be null or a time such as 2030-01-31T12:00:00Z';
  return typeof key.created_at === 'string' ? undefined : 'created_at must be a time';
}

function rightsFaultOf(key: Partial<Record<keyof ApiKey, unknown>>): string | undefined {
  for (const name of ['subjects', 'destinations', 'tables', 'namespaces'] as const)
    if (!isTexts(key[name])) return `${name} must be a list of texts`;
  if (key.origins !== undefined && !isTexts(key.origins)) return 'origins must be a list of texts';
  return typeof key.flows === 'boolean' ? undefined : 'flows must be true or false';
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(item => typeof item === 'string');
}

function isRate(value: unknown): boolean {
  if (value === null) return true;
  const { calls, per } = Object(value) as { calls?: unknown; per?: unknown };
  return Number.isInteger(calls) && Number(calls) > 0 && (per === 'second' || per === 'minute');
}

function isTimeOrNull(value: unknown): boolean {
  return value === null || (typeof value === 'string' && !Number.isNaN(Date.parse(value)));
}
