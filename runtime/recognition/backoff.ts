/** Work that was tried in vain, and when it is tried again. */

import type { PackError } from '../../contract/errors.ts';
import { LOCKS_BUCKET } from '../../contract/own-buckets.ts';
import { isEntry } from '../core/ports/items.ts';
import { fieldsOf, isText } from './event.ts';
import type { CallParts, ReconcileLog } from './job.ts';
import { noteKey } from './keys.ts';

/**
 * What this process leaves alone for a while, because it was tried in vain: a destination that is out of reach, or the key
 * of an entry that cannot be finished for another reason.
 */
interface Backoff {
  isWaiting(what: string): boolean;
  /** Backoff, longer each time. Never rejects. */
  postpone(what: string, destination: string, error: PackError): Promise<void>;
  /** An entry of the destination was finished, so that neither waits any more. Never rejects. */
  finished(destination: string, key: string): Promise<void>;
  /** Forgets waits for work that is not there any more: others have done it. */
  keep(isLeft: (what: string) => boolean): void;
}

/** Why something is not finished yet, as it stands in the bucket of the locks for people and other processes to read. */
interface WaitNote {
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

/** Backoff double from here (or from the grace, where that is shorter) up to the longest. */
const FIRST_WAIT_MS = 10_000;
const LONGEST_WAIT_MS = 300_000;

/** A note outlives its wait by this: the next try renews it, and where nobody tries any more it ends. */
const AFTER_WAIT_MS = 120_000;
const NOTE_MS = 5_000;
const MAX_CHARACTERS = 1_000;
/** User and password in an address, whichever characters they have. */
const CREDENTIALS = /(\w:\/\/)\S*@/g;

interface Wait {
  until: number;
  ms: number;
  /** What was logged last. */
  told: string;
}

/** Makes the waits of one process, with notes of them in the store, which say what happens and decide nothing. */
export function createBackoff(
  { kv, buckets, defaults }: Pick<CallParts, 'kv' | 'buckets' | 'defaults'>,
  log: ReconcileLog,
): Backoff {
  const waits = new Map<string, Wait>();
  return { isWaiting, postpone, finished, keep };

  function isWaiting(what: string): boolean {
    return (waits.get(what)?.until ?? 0) > Date.now();
  }

  /** Told once, not with every try. */
  async function postpone(what: string, destination: string, error: PackError): Promise<void> {
    const before = waits.get(what);
    const why = `${destination}: ${error.code} ${error.message}`;
    const ms = before
      ? Math.min(before.ms * 2, LONGEST_WAIT_MS)
      : Math.min(FIRST_WAIT_MS, defaults.reconcileAfterMs);
    if (before?.told !== why) log.warn(`recognition: work is kept until it can be finished; ${why}`);
    waits.set(what, { until: Date.now() + ms, ms, told: why });
    await addNote(what, error, ms);
  }

  async function finished(destination: string, key: string): Promise<void> {
    waits.delete(key);
    if (waits.delete(destination))
      log.info(`recognition: ${destination} is back; what was kept is being finished`);
    const call = { deadline: Date.now() + NOTE_MS };
    const notes = [destination, key].map(what => ({
      bucket: LOCKS_BUCKET,
      key: noteKey(what),
      upTo: Number.MAX_SAFE_INTEGER,
    }));
    // Those that stay end by themselves.
    await Promise.allSettled(notes.map(note => kv.erase(call, note)));
  }

  /** Adds a try; a note that cannot be written is done without. */
  async function addNote(what: string, error: PackError, waitMs: number): Promise<void> {
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

  function keep(isLeft: (what: string) => boolean): void {
    for (const what of waits.keys()) if (!isLeft(what)) waits.delete(what);
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
