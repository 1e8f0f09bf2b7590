import type { PackError } from '../../../contract/errors.ts';
import type { ReconcileLog } from '../parts.ts';
import type { BackoffNotes } from './backoff-notes.ts';

/**
 * What this process leaves alone for a while, because it was tried in vain: a destination that is out of reach, or the key
 * of an entry that cannot be finished for another reason.
 */
export interface Backoff {
  isWaiting(what: string): boolean;
  /** Backoff, longer each time. Never rejects. */
  postpone(what: string, destination: string, error: PackError): Promise<void>;
  /** An entry of the destination was finished, so that neither waits any more. Never rejects. */
  finished(destination: string, key: string): Promise<void>;
  /** Forgets waits for work that is not there any more: others have done it. */
  keep(isLeft: (what: string) => boolean): void;
}

/** Backoff double from here (or from the grace, where that is shorter) up to the longest. */
const FIRST_WAIT_MS = 10_000;
const LONGEST_WAIT_MS = 300_000;

interface Wait {
  until: number;
  ms: number;
  /** What was logged last. */
  told: string;
}

/** Makes the waits of one process. `graceMs`: what is younger is not looked at. */
export function createBackoff(notes: BackoffNotes, log: ReconcileLog, graceMs: number): Backoff {
  const waits = new Map<string, Wait>();
  return { isWaiting, postpone, finished, keep };

  function isWaiting(what: string): boolean {
    return (waits.get(what)?.until ?? 0) > Date.now();
  }

  /** Told once, not with every try. */
  async function postpone(what: string, destination: string, error: PackError): Promise<void> {
    const before = waits.get(what);
    const why = `${destination}: ${error.code} ${error.message}`;
    const ms = before ? Math.min(before.ms * 2, LONGEST_WAIT_MS) : Math.min(FIRST_WAIT_MS, graceMs);
    if (before?.told !== why) log.warn(`recognition: work is kept until it can be finished; ${why}`);
    waits.set(what, { until: Date.now() + ms, ms, told: why });
    await notes.add(what, error, ms);
  }

  async function finished(destination: string, key: string): Promise<void> {
    waits.delete(key);
    if (waits.delete(destination))
      log.info(`recognition: ${destination} is back; what was kept is being finished`);
    await notes.remove(destination, key);
  }

  function keep(isLeft: (what: string) => boolean): void {
    for (const what of waits.keys()) if (!isLeft(what)) waits.delete(what);
  }
}
