import { PackError } from '../../contract/errors.ts';
import type { Envelope } from '../core/envelope.ts';
import { failure, isFailure } from '../core/envelope.ts';

/** Bounds what the answers of one batch hold in memory. */
export interface AnswerBudget {
  /** Runs a call that only reads, a few at a time; past the budget it is not run, or its answer is let go. */
  read(name: string, run: () => Promise<Envelope>): Promise<Envelope>;
  /** Runs a call that changes something; past the budget it is not run. What was run is answered, whatever its size. */
  write(name: string, run: () => Promise<Envelope>): Promise<Envelope>;
}

/** Bytes of all answers of reads in one batch, about. */
export const MAX_BATCH_ANSWER_BYTES = 32 * 1024 * 1024;
/** An answer may be some megabytes, and is counted only when it is there. */
const READS_AT_ONCE = 32;
/** Functions that change something and answer values, events or rows; all others answer a few words. */
const ANSWER_MUCH = new Set([
  'identify',
  'identify-dead-replay',
  'kv-key-get-or-put',
  'kv-key-patch',
  'kv-queue-take',
  'transform',
  'transform-dead-replay',
]);
/** As long as no answer of a function was seen, it is taken for so large. */
const UNSEEN_BYTES = 8 * 1024 * 1024;

/** Makes the budget of one batch. */
export function createAnswerBudget(most = MAX_BATCH_ANSWER_BYTES): AnswerBudget {
  const waiting: (() => void)[] = [];
  const writes = new Map<string, Writes>();
  let left = most;
  let running = 0;

  async function read(name: string, run: () => Promise<Envelope>): Promise<Envelope> {
    if (running >= READS_AT_ONCE) await new Promise<void>(resolve => void waiting.push(resolve));
    running += 1;
    try {
      if (left <= 0) return failure(overBudget(name, most));
      const envelope = await run();
      if (isFailure(envelope)) return envelope;
      left -= roughBytes(envelope.data);
      return left < 0 ? failure(overBudget(name, most)) : envelope;
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  }

  async function write(name: string, run: () => Promise<Envelope>): Promise<Envelope> {
    if (!ANSWER_MUCH.has(name)) return run();
    const all = writes.get(name) ?? { running: 0, largest: UNSEEN_BYTES, seen: false, waiting: [] };
    writes.set(name, all);
    if (hasRoom(all) && all.waiting.length === 0) all.running += 1;
    else await new Promise<void>(resolve => void all.waiting.push(resolve));
    try {
      if (left <= 0) return failure(overBudget(name, most));
      const envelope = await run();
      count(all, roughBytes(isFailure(envelope) ? envelope.error : envelope.data));
      return envelope;
    } finally {
      all.running -= 1;
      letIn(all);
    }
  }

  /** Those who wait come in by turns, so that it is the last items of a batch that are not run. */
  function letIn(all: Writes): void {
    while (all.waiting.length > 0 && hasRoom(all)) {
      all.running += 1;
      all.waiting.shift()?.();
    }
  }

  /** So many run that their answers fit into what is left, if they are as large as the largest so far; at least one. */
  function hasRoom({ running, largest }: Writes): boolean {
    return running === 0 || running < Math.min(READS_AT_ONCE, Math.floor(left / largest));
  }

  function count(all: Writes, bytes: number): void {
    left -= bytes;
    all.largest = all.seen ? Math.max(all.largest, bytes) : bytes;
    all.seen = true;
  }

  return { read, write };
}

/** The calls of one function that changes something, in one batch. */
interface Writes {
  running: number;
  /** Bytes of its largest answer so far. */
  largest: number;
  seen: boolean;
  waiting: (() => void)[];
}

/** Bytes that a value takes as JSON, about: texts count, and each name and value a little. */
export function roughBytes(value: unknown): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return 8;
  let bytes = 2;
  for (const [name, inner] of Object.entries(value)) bytes += name.length + 4 + roughBytes(inner);
  return bytes;
}

/** Of a call that was not run, or that only read: nothing was changed by it. */
function overBudget(name: string, most: number): PackError {
  return new PackError(
    'PAYLOAD_TOO_LARGE',
    `The answers of this batch are more than ${most} bytes, so ${name} is not answered in it. Call it by itself, or send fewer calls with large answers in one batch.`,
    { details: { limit: most } },
  );
}
