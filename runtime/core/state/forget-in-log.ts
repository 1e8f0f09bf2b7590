import { PackError } from '../../../contract/errors.ts';
import { stringifyExact } from '../../../contract/exact-json.ts';
import { ADMIN_LOG_BUCKET } from '../../../contract/own-buckets.ts';
import type { Call } from '../call.ts';
import type { KvEntry } from '../ports/items.ts';
import { isEntry } from '../ports/items.ts';
import type { KvStore } from '../ports/kv-store.ts';
import type { AdminAction } from './admin-log.ts';
import { readAdminEntry } from './admin-log.ts';
import { orEmpty } from './or-empty.ts';

/** Somebody of whom entries of the log of administrative calls may tell. */
export interface LoggedPerson {
  /** Functions whose calls may name people. */
  actions: readonly string[];
  /** Fields of their input that do. */
  fields: readonly string[];
  isNamedIn(entry: AdminAction): boolean;
}

const READ_TOGETHER = 500;
const DONE: ReadonlySet<string> = new Set(['REVISION_CONFLICT', 'BUCKET_NOT_FOUND']);

/**
 * Writes entries again without the person they name and without what their caller said of itself (host, flow, node). What
 * was done, when, and by which API key stays: nobody takes a call out of the log by forgetting somebody.
 */
export async function forgetInLog(
  store: KvStore,
  call: Call,
  { actions, fields, isNamedIn }: LoggedPerson,
): Promise<number> {
  const kv = orEmpty(store);
  let changed = 0;
  for (const action of actions) {
    const keys = await kv.keys(call, ADMIN_LOG_BUCKET, `log.${action}.*`);
    for (let at = 0; at < keys.length; at += READ_TOGETHER) {
      const found = await kv.getMany(call, ADMIN_LOG_BUCKET, keys.slice(at, at + READ_TOGETHER));
      for (const entry of found.filter(isEntry)) {
        const told = readAdminEntry(entry);
        if (!told || !isNamedIn(told)) continue;
        await replace(kv, call, entry, withoutFields(told, fields));
        changed += 1;
      }
    }
  }
  return changed;
}

async function replace(
  kv: KvStore,
  call: Call,
  { key, revision, by }: KvEntry,
  told: AdminAction,
): Promise<void> {
  const who = by?.key === undefined ? undefined : { key: by.key };
  const place = { bucket: ADMIN_LOG_BUCKET, key };
  try {
    await kv.put({ ...call, by: who }, { ...place, value: stringifyExact(told), expectedRevision: revision });
  } catch (error) {
    // Only forgetting writes an entry again: another call did just that. With the bucket everything of it is gone.
    if (!(error instanceof PackError && DONE.has(error.code))) throw error;
  }
  // Where the bucket keeps past values.
  await kv.erase(call, { ...place, upTo: revision });
}

function withoutFields(
  { action, bucket, outcome, input, at }: AdminAction,
  fields: readonly string[],
): AdminAction {
  const kept = Object.fromEntries(Object.entries(input).filter(([name]) => !fields.includes(name)));
  return { action, ...(bucket !== undefined && { bucket }), outcome, input: kept, ...(at && { at }) };
}
