import type { FastifyReply } from 'fastify';
import { PackError } from '../../../contract/errors.ts';
import { jsonWeight } from '../../core/json-weight.ts';
import type { ByteBudget } from './byte-budget.ts';

/** What a stream holds at once, about, in bytes. */
export const STREAM_BYTES = {
  /** Its consumer and its sockets; events that its client has not read are counted as they are. */
  watch: 64 * 1024,
  /** A page that is sent, and the next. */
  export: 16 * 1024 * 1024,
  /** Lines on their way into one call. */
  import: 32 * 1024 * 1024,
};

/** Shorter lines are counted with their stream. */
const LONG_LINE = 64 * 1024;
/** What of the whole budget one line may take. */
const ONE_LINE = 0.6;

/** Takes what a stream holds until it ends. Throws RATE_LIMITED; to be called before the answer begins. */
export function reserveStream(budget: ByteBudget, { raw }: FastifyReply, bytes: number): void {
  if (raw.destroyed) return;
  budget.take(bytes);
  raw.once('close', () => budget.give(bytes));
}

/** Lines that are given on while there is room for what reading them takes. Throws PAYLOAD_TOO_LARGE or RATE_LIMITED. */
export async function* weighedLines(
  budget: ByteBudget,
  lines: AsyncIterable<string>,
): AsyncGenerator<string> {
  let number = 0;
  for await (const line of lines) {
    number += 1;
    const weight = line.length > LONG_LINE ? jsonWeight(line) : 0;
    if (weight > budget.most * ONE_LINE) throw tooHeavy(number, line.length);
    if (weight > 0) budget.take(weight);
    try {
      yield line;
    } finally {
      if (weight > 0) budget.give(weight);
    }
  }
}

function tooHeavy(line: number, length: number): PackError {
  return new PackError(
    'PAYLOAD_TOO_LARGE',
    `Line ${line} of ${length} characters has so many objects, lists and members that it cannot be read; store its value as text.`,
    { details: { line } },
  );
}
