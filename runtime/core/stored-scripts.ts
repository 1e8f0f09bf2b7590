import { PackError } from '../../contract/errors.ts';
import { OWN_BUCKETS, SCRIPTS_BUCKET } from '../../contract/own-buckets.ts';
import type { FunctionContext } from './define-function.ts';
import type { KvEntry } from './ports/items.ts';
import { isEntry } from './ports/items.ts';
import type { KeptVersion } from './script-versions.ts';
import { keepVersions, numberOfName, versionByNumber, versionByRevision } from './script-versions.ts';
import { orNone } from './state/or-none.ts';
import { ownedBucket } from './state/owned-bucket.ts';

/** A script as it is stored. */
export interface StoredScript {
  script: string;
  description?: string;
  /** What it has to make of some events, run before it is stored. */
  tests?: ScriptTest[];
}

/** Events that a script is run over, and what has to come of them. */
export interface ScriptTest {
  name?: string;
  events: Record<string, unknown>[];
  variables?: Record<string, unknown>;
  /** What `$kv` holds before. */
  kv?: Record<string, unknown>;
  /** The events that have to come out, in order. */
  expect?: Record<string, unknown>[];
  /** What `$kv` has to hold after, of the keys named; null: nothing. */
  expect_kv?: Record<string, unknown>;
}

/** One version of a stored script. */
export interface ScriptVersion extends StoredScript {
  /** Revision in the bucket. */
  version: number;
  /** Counted from 1, for each script; undefined of one that was stored by an older build and not asked for since. */
  number?: number;
  created_at: string;
}

/** Reads a stored script, the current version or an older one; throws KEY_NOT_FOUND, SCRIPT_ERROR of what is no script. */
export async function readScript(ctx: FunctionContext, id: string, version?: number): Promise<ScriptVersion> {
  const found = await entryOf(ctx, id, version);
  if (found) return { ...parse(id, textOf(found)), version: found.revision, created_at: found.createdAt };
  // The history of a script ends after 64 versions; what was kept of them does not.
  const kept = version === undefined ? undefined : await versionByRevision(ctx, id, version);
  if (!kept) throw noScript(id, version);
  return fromKept(id, kept);
}

/** The current version of a script, whether it can be read or not; throws KEY_NOT_FOUND. */
export async function currentVersion(ctx: FunctionContext, id: string): Promise<number> {
  const found = await entryOf(ctx, id);
  if (!found) throw noScript(id, undefined);
  return found.revision;
}

/** Reads a version by its number in this script, or by its name; throws KEY_NOT_FOUND, SCRIPT_ERROR of what is no script. */
export async function readRelease(ctx: FunctionContext, id: string, release: string): Promise<ScriptVersion> {
  const number = /^\d+$/.test(release) ? Number(release) : await numberOfName(ctx, id, release);
  const kept = number === undefined ? undefined : await versionByNumber(ctx, id, number);
  if (!kept) throw noScript(id, release);
  return fromKept(id, kept);
}

function fromKept(id: string, { stored, version, number, created_at }: KeptVersion): ScriptVersion {
  return { ...parse(id, stored), version, number, created_at };
}

async function entryOf(ctx: FunctionContext, id: string, version?: number): Promise<KvEntry | undefined> {
  const at = { bucket: SCRIPTS_BUCKET, key: id, ...(version !== undefined && { revision: version }) };
  const found = await orNone(ctx.kv.get(ctx, at));
  return isEntry(found) ? found : undefined;
}

/** Scripts by name, each with its current version but without its text, and the names under which no script stands. */
export async function listScripts(
  ctx: FunctionContext,
): Promise<{ scripts: ListedScript[]; unreadable: string[] }> {
  const scripts: ListedScript[] = [];
  const unreadable: string[] = [];
  let cursor: { cursor?: string } = {};
  for (let more = true; more; ) {
    const range = { bucket: SCRIPTS_BUCKET, startSeq: 0, limit: 1_000, filter: '>', ...cursor };
    const page = await orNone(ctx.kv.listPage(ctx, range));
    for (const entry of page?.entries ?? []) {
      const stored = parsed(textOf(entry));
      if (stored) scripts.push(toListed(entry, stored));
      else unreadable.push(entry.key);
    }
    unreadable.push(...(page?.unreadable ?? []));
    cursor = page?.cursor === undefined ? {} : { cursor: page.cursor };
    more = page?.hasMore ?? false;
  }
  scripts.sort((a, b) => (a.script_id < b.script_id ? -1 : 1));
  return { scripts, unreadable: unreadable.sort() };
}

/** A stored script in a list. */
export interface ListedScript extends Omit<ScriptVersion, 'script'> {
  script_id: string;
}

function toListed(entry: KvEntry, { description }: StoredScript): ListedScript {
  return {
    script_id: entry.key,
    ...(description !== undefined && { description }),
    version: entry.revision,
    created_at: entry.createdAt,
  };
}

function parse(id: string, text: string): StoredScript {
  const stored = parsed(text);
  if (stored) return stored;
  throw new PackError(
    'SCRIPT_ERROR',
    `What is stored as script "${id}" cannot be read: transform-script-put wrote no such record. Store the script anew, or an older version of it with transform-script-rollback.`,
  );
}

/** Undefined for what transform-script-put does not write: it was put by hand, or by a newer kvflow. */
function parsed(text: string): StoredScript | undefined {
  try {
    const stored = Object(JSON.parse(text)) as StoredScript;
    const { script, description = '', tests = [] } = stored as Partial<StoredScript>;
    const isOurs = typeof script === 'string' && typeof description === 'string' && Array.isArray(tests);
    return isOurs ? stored : undefined;
  } catch {
    return undefined;
  }
}

function textOf({ value }: KvEntry): string {
  return Buffer.from(value).toString('utf8');
}

/** Stores the next version of a script, in a bucket that is made with the first one. */
export async function storeScript(
  ctx: FunctionContext,
  id: string,
  stored: StoredScript,
): Promise<{ version: number; number: number }> {
  const bucket = ownedBucket(ctx.kv, { name: SCRIPTS_BUCKET, ...OWN_BUCKETS[SCRIPTS_BUCKET] });
  const write = { bucket: SCRIPTS_BUCKET, key: id, value: JSON.stringify(stored) };
  const version = await bucket.use(ctx, async () => (await ctx.kv.put(ctx, write)).revision);
  return { version, number: (await keepVersions(ctx, id)).get(version) ?? 0 };
}

function noScript(id: string, version: number | string | undefined): PackError {
  const what = version === undefined ? `script "${id}"` : `version ${version} of script "${id}"`;
  return new PackError(
    'KEY_NOT_FOUND',
    `There is no ${what}. transform-script-list shows all; transform-script-put stores one.`,
  );
}
