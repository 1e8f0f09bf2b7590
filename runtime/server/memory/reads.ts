import { ANSWER_BYTES } from '../../core/call.ts';
import type { Envelope } from '../../core/envelope.ts';
import { failure, isFailure, toPackError } from '../../core/envelope.ts';
import { roughBytes } from '../answer-budget.ts';
import type { ByteBudget } from './byte-budget.ts';

/** A call that reads, and who keeps its answer. */
export interface ReadCall {
  /** Name of the function. */
  name: string;
  /** Milliseconds for which room is waited for. */
  timeoutMs: number;
  /** Takes what gives the answer's bytes back once it is sent. Undefined: they are given back at once. */
  held?: ((release: () => void) => void) | undefined;
  /** Makes the call, which answers at most so many bytes of values. */
  run(answerBytes: number): Promise<Envelope>;
}

/** Reads whose part is not what is left: one value is as long as NATS may carry, a call that waits long holds little. */
const FIXED: Record<string, number> = { 'kv-key-get': ANSWER_BYTES, 'kv-key-watch': 1024 * 1024 };
/** A value is held as it came, as text, as JSON, and as what is sent. */
const COPIES = 4;
const MIN_BYTES = 2 * 1024 * 1024;
/** How much of what is free one call may have: many at once get less each, and answer less. */
const SHARE = 8;

/** Runs a call that reads within the budget: it is given its part before it begins, so that no number of them passes it. */
export async function readWithin(budget: ByteBudget, call: ReadCall): Promise<Envelope> {
  const answerBytes = FIXED[call.name] ?? partOf(budget.free());
  const taken = answerBytes * COPIES;
  try {
    if (!budget.tryTake(taken)) await budget.wait(taken, Date.now() + call.timeoutMs);
  } catch (error) {
    return failure(toPackError(error));
  }
  let kept = 0;
  try {
    const envelope = await call.run(answerBytes);
    if (call.held && !isFailure(envelope)) {
      kept = Math.min(taken, roughBytes(envelope.data) * 2);
      call.held(() => budget.give(kept));
    }
    return envelope;
  } finally {
    budget.give(taken - kept);
  }
}

function partOf(free: number): number {
  return Math.min(ANSWER_BYTES, Math.max(MIN_BYTES, Math.floor(free / (SHARE * COPIES))));
}
