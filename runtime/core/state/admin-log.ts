/** What was done to buckets, scripts and API keys: one entry for each, in a bucket of ours, oldest first. */
import { PackError } from '../../../contract/errors.ts';
import { parseExact, stringifyExact } from '../../../contract/exact-json.ts';
import { ADMIN_LOG_BUCKET, OWN_BUCKETS } from '../../../contract/own-buckets.ts';
import type { WrittenBy } from '../../../contract/written-by.ts';
import type { Call } from '../call.ts';
import type { KvEntry, KvMarker } from '../ports/items.ts';
import { isEntry } from '../ports/items.ts';
import type { KvStore } from '../ports/kv-store.ts';
import type { KvOperation } from '../ports/transactions.ts';
import { ownedBucket } from './owned-bucket.ts';

/** Something that was done. */
export interface AdminAction {
  /** Name of the function, or `api-key-added`, `api-key-changed`, `api-key-removed`. */
  action: string;
  bucket?: string;
  /** `OK`, or the code of the error it ended with: part of it may have been done. */
  outcome: string;
  /** What it was asked with: long texts are cut. */
  input: Record<string, unknown>;
  /** RFC 3339: when it was done, where the entry was changed since. */
  at?: string;
}

/** Keeps what was done. */
export interface AdminLog {
  /** Fulfilled when it is stored. */
  record(call: Call, id: string, action: AdminAction): Promise<void>;
  /** Tells the API keys that there are: what differs from those that were told before, by any process, is recorded. */
  recordKeys(
    call: Call,
    source: string,
    keys: Readonly<Record<string, Record<string, unknown>>>,
  ): Promise<void>;
}

/** Keys of entries. */
export const ADMIN_ENTRIES = 'log.>';
const LONGEST_TEXT = 200;
const MAX_BYTES = 4_096;
/** One commit takes a thousand writes. */
const MAX_CHANGES = 999;

/** The log in the buckets of one store. A call whose entry cannot be stored is answered all the same, and `onFault` is told. */
export function createAdminLog(kv: KvStore, onFault: (error: unknown) => void): AdminLog {
  const owned = ownedBucket(kv, { name: ADMIN_LOG_BUCKET, ...OWN_BUCKETS[ADMIN_LOG_BUCKET] });
  return { record, recordKeys };

  async function record(call: Call, id: string, action: AdminAction): Promise<void> {
    const operations = [entry(id, action)];
    await owned.use(call, () => kv.transact(call, { bucket: ADMIN_LOG_BUCKET, operations })).catch(onFault);
  }

  async function recordKeys(
    call: Call,
    source: string,
    keys: Readonly<Record<string, Record<string, unknown>>>,
  ): Promise<void> {
    const now = stringifyExact(keys);
    const state = { bucket: ADMIN_LOG_BUCKET, key: `keys.${token(source)}` };
    const stored = () => kv.get(call, state).catch(ignoreMissing);
    // Nothing is made where there is nothing to tell.
    if (textOf(await stored()) === now) return;
    const write = async () => {
      const before = await stored();
      const text = textOf(before);
      if (text === now) return;
      const known = parseExact(text) as typeof keys;
      const changes = differences(known, keys).map(action => entry(crypto.randomUUID(), action));
      const put: KvOperation = {
        op: 'put',
        key: state.key,
        value: now,
        expectedRevision: isEntry(before) ? before.revision : 0,
      };
      const operations = [...changes.slice(0, MAX_CHANGES), put];
      await kv.transact(call, { bucket: ADMIN_LOG_BUCKET, operations });
    };
    await owned.use(call, write).catch(error => {
      // Another process saw the same change and was faster.
      if (!isConflict(error)) onFault(error);
    });
  }
}

/** An entry as it was kept. */
export function readAdminEntry({ value, createdAt, revision, by }: KvEntry): AdminEntry | undefined {
  try {
    const action: unknown = parseExact(Buffer.from(value).toString('utf8'));
    if (!isAction(action)) return undefined;
    return { ...action, at: action.at ?? createdAt, revision, ...(by && { by }) };
  } catch {
    return undefined; // Put by hand.
  }
}

function isAction(value: unknown): value is AdminAction {
  const { action, outcome, input, bucket, at } = Object(value) as Partial<Record<keyof AdminAction, unknown>>;
  const isTextOrNone = (text: unknown) => text === undefined || typeof text === 'string';
  return (
    typeof action === 'string' &&
    typeof outcome === 'string' &&
    typeof input === 'object' &&
    input !== null &&
    [bucket, at].every(isTextOrNone)
  );
}

/** What was done, when and by whom. */
export interface AdminEntry extends AdminAction {
  /** RFC 3339. */
  at: string;
  revision: number;
  by?: WrittenBy;
}

function entry(id: string, action: AdminAction): KvOperation {
  const kept = { ...action, input: shortened(action.input) };
  return { op: 'put', key: `log.${token(action.action)}.${token(id)}`, value: stringifyExact(kept) };
}

/** A text as entries have it. */
export function textInLog(text: string): string {
  return text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT).toWellFormed()}...`;
}

function shortened(input: Record<string, unknown>): Record<string, unknown> {
  const short = Object.fromEntries(
    Object.entries(input).map(([name, value]) => {
      const text = typeof value === 'string' ? value : stringifyExact(value);
      return [name, text === undefined || text.length <= LONGEST_TEXT ? value : textInLog(text)];
    }),
  );
  return stringifyExact(short).length <= MAX_BYTES ? short : {};
}

function differences(
  before: Readonly<Record<string, Record<string, unknown>>>,
  now: Readonly<Record<string, Record<string, unknown>>>,
): AdminAction[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  return names.flatMap(name => {
    const [old, current] = [before[name], now[name]];
    if (stringifyExact(old) === stringifyExact(current)) return [];
    const what = old === undefined ? 'added' : current === undefined ? 'removed' : 'changed';
    return [{ action: `api-key-${what}`, outcome: 'OK', input: { name, ...current } }];
  });
}

function textOf(state: KvEntry | KvMarker | undefined): string {
  return isEntry(state) ? Buffer.from(state.value).toString('utf8') : '{}';
}

function ignoreMissing(error: unknown): undefined {
  if (!(error instanceof PackError && error.code === 'BUCKET_NOT_FOUND')) throw error;
  return undefined;
}

function isConflict(error: unknown): boolean {
  return error instanceof PackError && error.code === 'REVISION_CONFLICT';
}

/** One token of a key. */
function token(text: string): string {
  return text.replace(/[^\w-]/g, '_').slice(0, 200) || '_';
}
