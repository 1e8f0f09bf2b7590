import { PackError } from '../../contract/errors.ts';
import type { Envelope } from '../core/envelope.ts';
import { failure, isFailure } from '../core/envelope.ts';
import { createSlots } from '../core/slots.ts';

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
/** As long as no answer of a function was seen, it is taken for so large. */
const UNSEEN_BYTES = 8 * 1024 * 1024;

/**
 * Makes the budget of one batch. `answerMuch` names the functions that change something and may answer much; all others are run
 * at once, for they answer a few words.
 */
export function createAnswerBudget(
  answerMuch: ReadonlySet<string>,
  most = MAX_BATCH_ANSWER_BYTES,
): AnswerBudget {
  const writes = new Map<string, Writes>();
  const inSlot = createSlots(READS_AT_ONCE);
  let left = most;

  function read(name: string, run: () => Promise<Envelope>): Promise<Envelope> {
    return inSlot(async () => {
      if (left <= 0) return failure(overBudget(name, most));
      const envelope = await run();
      left -= answerBytes(envelope);
      return left < 0 ? failure(overBudget(name, most)) : envelope;
    });
  }

  /** Not async: most items of most batches are small writes. */
  function write(name: string, run: () => Promise<Envelope>): Promise<Envelope> {
    return answerMuch.has(name) ? writeMuch(name, run) : run().then(countFailure);
  }

  /** Of few words are those that worked alone: a failure names each fault of its input. */
  function countFailure(envelope: Envelope): Envelope {
    if (isFailure(envelope)) left -= answerBytes(envelope);
    return envelope;
  }

  async function writeMuch(name: string, run: () => Promise<Envelope>): Promise<Envelope> {
    const all = writes.get(name) ?? { running: 0, largest: UNSEEN_BYTES, seen: false, waiting: [] };
    writes.set(name, all);
    if (hasRoom(all) && all.waiting.length === 0) all.running += 1;
    else await new Promise<void>(resolve => void all.waiting.push(resolve));
    try {
      if (left <= 0) return failure(overBudget(name, most));
      const envelope = await run();
      count(all, answerBytes(envelope));
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

function answerBytes(envelope: Envelope): number {
  return roughBytes(isFailure(envelope) ? envelope.error : envelope.data);
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
