import { PackError } from '../../contract/errors.ts';
import type { Envelope } from '../core/envelope.ts';
import { failure, isFailure } from '../core/envelope.ts';

/** Bounds what the answers of one batch hold in memory. */
export interface AnswerBudget {
  /** Runs a call that only reads, a few at a time; past the budget it is not run, or its answer is let go. */
  read(name: string, run: () => Promise<Envelope>): Promise<Envelope>;
}

/** Bytes of all answers of reads in one batch, about. */
export const MAX_BATCH_ANSWER_BYTES = 32 * 1024 * 1024;
/** An answer may be some megabytes, and is counted only when it is there. */
const READS_AT_ONCE = 32;

/** Makes the budget of one batch. Writes answer little and are never refused for it: what they did must be told. */
export function createAnswerBudget(most = MAX_BATCH_ANSWER_BYTES): AnswerBudget {
  const waiting: (() => void)[] = [];
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

  return { read };
}

/** Bytes that a value takes as JSON, about: texts count, and each name and value a little. */
export function roughBytes(value: unknown): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return 8;
  let bytes = 2;
  for (const [name, inner] of Object.entries(value)) bytes += name.length + 4 + roughBytes(inner);
  return bytes;
}

function overBudget(name: string, most: number): PackError {
  return new PackError(
    'PAYLOAD_TOO_LARGE',
    `The answers of this batch are more than ${most} bytes, so ${name} is not answered in it. Call it by itself, or send fewer reads of large values in one batch.`,
    { details: { limit: most } },
  );
}
