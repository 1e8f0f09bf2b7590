import type { PackError } from '../../../contract/errors.ts';
import { LOCKS_BUCKET } from '../../../contract/own-buckets.ts';
import { isEntry } from '../../core/ports/items.ts';
import type { KvStore } from '../../core/ports/kv-store.ts';
import type { StateBuckets } from '../state/buckets.ts';
import { noteKey } from '../state/keys.ts';
import { fieldsOf, isText } from '../state/shapes.ts';

/** Why something is not finished yet, as it stands in the bucket of the locks for people and other processes to read. */
export interface WaitNote {
  /** How often it was tried in vain since it last worked, by whichever process. */
  attempts: number;
  /** Of the last try. */
  code: string;
  message: string;
  /** RFC 3339. */
  tried_at: string;
  /** RFC 3339. When whoever wrote this tries again; another process may do so before. */
  next_try_at: string;
}

/** Notes beside the work: they say what happens, and decide nothing. */
export interface BackoffNotes {
  /** Adds a try; `waitMs` from now comes the next. Never rejects: a note that cannot be written is done without. */
  add(what: string, error: PackError, waitMs: number): Promise<void>;
  /** Takes notes away. Never rejects: those that stay end by themselves. */
  remove(...what: string[]): Promise<void>;
}

/** A note outlives its wait by this: the next try renews it, and where nobody tries any more it ends. */
const AFTER_WAIT_MS = 120_000;
const NOTE_MS = 5_000;
const MAX_CHARACTERS = 1_000;
/** User and password in an address, whichever characters they have. */
const CREDENTIALS = /(\w:\/\/)\S*@/g;

/** Makes the notes of a store. */
export function createBackoffNotes(kv: KvStore, buckets: StateBuckets): BackoffNotes {
  return { add, remove };

  async function add(what: string, error: PackError, waitMs: number): Promise<void> {
    const call = { deadline: Date.now() + NOTE_MS };
    const key = noteKey(what);
    try {
      await buckets.ready(call, LOCKS_BUCKET);
      const before = await kv.get(call, { bucket: LOCKS_BUCKET, key });
      const note: WaitNote = {
        attempts: ((isEntry(before) && readNote(before.value)?.attempts) || 0) + 1,
        code: error.code,
        message: plain(error.message),
        tried_at: new Date().toISOString(),
        next_try_at: new Date(Date.now() + waitMs).toISOString(),
      };
      const ttl = (waitMs + AFTER_WAIT_MS) * 1_000_000;
      await kv.put(call, { bucket: LOCKS_BUCKET, key, value: JSON.stringify(note), ttl });
    } catch {
      // The log has said it. Where the bucket was deleted the next claim finds out.
    }
  }

  async function remove(...what: string[]): Promise<void> {
    const call = { deadline: Date.now() + NOTE_MS };
    const all = what.map(one => ({ bucket: LOCKS_BUCKET, key: noteKey(one), upTo: Number.MAX_SAFE_INTEGER }));
    await Promise.allSettled(all.map(one => kv.erase(call, one)));
  }
}

/** A note as it is stored; undefined where it is none. */
export function readNote(value: Uint8Array): WaitNote | undefined {
  try {
    const note: unknown = JSON.parse(new TextDecoder().decode(value));
    const { attempts, code, message, tried_at, next_try_at } = fieldsOf(note);
    const isNote = Number.isSafeInteger(attempts) && [code, message, tried_at, next_try_at].every(isText);
    return isNote ? (note as WaitNote) : undefined;
  } catch {
    return undefined;
  }
}

/** A driver's own words may repeat the address it was given. */
function plain(message: string): string {
  const masked = message.replace(CREDENTIALS, '$1***@');
  return masked.length > MAX_CHARACTERS ? `${masked.slice(0, MAX_CHARACTERS)}…` : masked;
}
