import { PackError } from '../../contract/errors.ts';
import { OWN_BUCKETS, SCRIPTS_BUCKET } from '../../contract/own-buckets.ts';
import type { FunctionContext } from './define-function.ts';
import type { KvEntry } from './ports.ts';
import { isEntry } from './ports.ts';
import { ownedBucket } from './state/owned-bucket.ts';

/** A script as it is stored. */
export interface StoredScript {
  script: string;
  description?: string;
}

/** One version of a stored script. */
export interface ScriptVersion extends StoredScript {
  /** Revision in the bucket. */
  version: number;
  created_at: string;
}

/** Reads a stored script, the current version or an older one; throws KEY_NOT_FOUND. */
export async function readScript(ctx: FunctionContext, id: string, version?: number): Promise<ScriptVersion> {
  const at = { bucket: SCRIPTS_BUCKET, key: id, ...(version !== undefined && { revision: version }) };
  const found = await orNone(ctx.kv.get(ctx, at));
  if (!isEntry(found)) throw noScript(id, version);
  return { ...parse(found), version: found.revision, created_at: found.createdAt };
}

/** All scripts by name, each with its current version but without its text. */
export async function listScripts(ctx: FunctionContext): Promise<ListedScript[]> {
  const scripts: ListedScript[] = [];
  let cursor: { cursor?: string } = {};
  for (let more = true; more; ) {
    const range = { bucket: SCRIPTS_BUCKET, startSeq: 0, limit: 1_000, filter: '>', ...cursor };
    const page = await orNone(ctx.kv.listPage(ctx, range));
    scripts.push(...(page?.entries ?? []).map(toListed));
    cursor = page?.cursor === undefined ? {} : { cursor: page.cursor };
    more = page?.hasMore ?? false;
  }
  return scripts.sort((a, b) => (a.script_id < b.script_id ? -1 : 1));
}

/** A stored script in a list. */
export interface ListedScript extends Omit<ScriptVersion, 'script'> {
  script_id: string;
}

function toListed(entry: KvEntry): ListedScript {
  const { description } = parse(entry);
  return {
    script_id: entry.key,
    ...(description !== undefined && { description }),
    version: entry.revision,
    created_at: entry.createdAt,
  };
}

function parse({ value }: KvEntry): StoredScript {
  return JSON.parse(Buffer.from(value).toString('utf8')) as StoredScript;
}

/** Without its bucket no script was stored yet. */
async function orNone<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof PackError && error.code === 'BUCKET_NOT_FOUND') return undefined;
    throw error;
  }
}

/** Stores the next version of a script, in a bucket that is made with the first one; answers its revision. */
export async function storeScript(ctx: FunctionContext, id: string, stored: StoredScript): Promise<number> {
  const bucket = ownedBucket(ctx.kv, { name: SCRIPTS_BUCKET, ...OWN_BUCKETS[SCRIPTS_BUCKET] });
  const write = { bucket: SCRIPTS_BUCKET, key: id, value: JSON.stringify(stored) };
  return await bucket.use(ctx, async () => (await ctx.kv.put(ctx, write)).revision);
}

function noScript(id: string, version: number | undefined): PackError {
  const what = version === undefined ? `script "${id}"` : `version ${version} of script "${id}"`;
  return new PackError(
    'KEY_NOT_FOUND',
    `There is no ${what}. transform-script-list shows all; transform-script-put stores one.`,
  );
}
