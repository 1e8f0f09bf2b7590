import type { Call } from '../core/call.ts';
import type { Doubt } from './doubt.ts';
import type { Listener } from './pending-requests.ts';
import { isConnectionLost, isLate, noAnswer } from './request-errors.ts';
import { ASK_AGAIN_MS, besideMs, silenceMs } from './silence.ts';

/** Whose deadline moves. */
type Turn = { deadline: number };

/** What is asked, and how it is sent. */
export interface Asking {
  doubt: Doubt;
  /** Resolves when there is a connection; undefined where there is one. */
  ready(call: Call): Promise<void> | undefined;
  /** Sends it; resolves once the last answer was taken. The deadline of the turn may move. */
  send(turn: Call, onMessage: Listener): Promise<unknown>;
  /** Makes the listener of what is answered, anew for each answer that is begun: what the one before heard is void. */
  begin(): Listener;
}

/**
 * Asks again, within the deadline, when the connection was lost or nothing was heard for a while: beside what was asked before, of
 * which the first that is answered is listened to, and anew where an answer stops half-way.
 */
export async function untilAnswered(call: Call, asking: Asking): Promise<void> {
  for (let lost = 0; ; lost++) {
    const waiting = asking.ready(call);
    if (waiting) await waiting;
    try {
      await answered(call, asking, Math.max(silenceMs(lost), ASK_AGAIN_MS));
      return;
    } catch (error) {
      throwUnlessAgain(call, error);
    }
  }
}

/** One answer. Rejects where it stops for longer than `patience` milliseconds, or there is none at the deadline. */
function answered(call: Call, { doubt, send, begin }: Asking, patience: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const turns: Turn[] = [];
  let heard: { turn: Turn; listener: Listener } | undefined;
  let timer: NodeJS.Timeout | undefined;
  ask();
  return promise.finally(end);

  function ask(): void {
    const turn: Turn = { deadline: call.deadline };
    timer = setTimeout(ask, besideMs(turns.length, doubt));
    turns.push(turn);
    send(turn, msg => {
      if (heard === undefined) {
        if (turn !== turns[0]) doubt.raise();
        end();
        heard = { turn, listener: begin() };
      }
      if (heard.turn !== turn) return true;
      // It may move the deadline of the call.
      const isLast = heard.listener(msg);
      turn.deadline = Math.min(call.deadline, Date.now() + patience);
      return isLast;
    }).then(
      () => heard?.turn === turn && resolve(),
      error => (heard === undefined || heard.turn === turn) && reject(error),
    );
  }

  /** What was asked, and is not listened to, is waited for no more. */
  function end(): void {
    clearTimeout(timer);
    for (const turn of turns) turn.deadline = 0;
  }
}

/** Throws where asking again is of no use: the error itself, or UNAVAILABLE where the deadline has come without an answer. */
export function throwUnlessAgain({ deadline }: Call, error: unknown): void {
  if (isConnectionLost(error)) return;
  if (!isLate(error)) throw error;
  if (Date.now() >= deadline) throw noAnswer();
}
