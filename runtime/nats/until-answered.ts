import type { Call } from '../core/call.ts';
import { isConnectionLost, isLate, noAnswer } from './request-errors.ts';

/** What asking again goes by. */
export interface Asking {
  /** Resolves when there is a connection; undefined where there is one. */
  ready(call: Call): Promise<void> | undefined;
  /** How many milliseconds of silence a try is given until the first answer. */
  patience(tries: number): number;
  /** And between two answers, at least. */
  pause: number;
}

/**
 * Asks again when the connection was lost or nothing was heard for so long, within the deadline. `attempt` gets the turn that it
 * has, and calls `heard` for each answer, which makes the turn last.
 */
export async function untilAnswered(
  call: Call,
  { ready, patience, pause }: Asking,
  attempt: (turn: Call, heard: () => void) => Promise<unknown>,
): Promise<void> {
  for (let tries = 0; ; tries++) {
    const waiting = ready(call);
    if (waiting) await waiting;
    const silence = patience(tries);
    const turn = { deadline: Math.min(call.deadline, Date.now() + silence) };
    const heard = () => {
      turn.deadline = Math.min(call.deadline, Date.now() + Math.max(silence, pause));
    };
    try {
      await attempt(turn, heard);
      return;
    } catch (error) {
      throwUnlessAgain(call, error);
    }
  }
}

/** Throws where asking again is of no use: the error itself, or UNAVAILABLE where the deadline has come without an answer. */
export function throwUnlessAgain({ deadline }: Call, error: unknown): void {
  if (isConnectionLost(error)) return;
  if (!isLate(error)) throw error;
  if (Date.now() >= deadline) throw noAnswer();
}
