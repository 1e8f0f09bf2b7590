import type { Doubt } from './doubt.ts';

/**
 * What does no harm asked twice is asked again after so long without an answer: a request that was under way when its stream
 * lost its leader is answered by nobody, though the next one is (ADR-22 has the retry).
 */
export const ASK_AGAIN_MS = 900;
/** One message is sent again sooner, and of many the first time: what is lost costs a call half a second, and a server that is only busy is asked twice. */
export const ASK_SOON_MS = 400;
/** The first time where a server was silent just now: longer than an answer takes, and short beside the silence that was waited out before. */
const DOUBTED_MS = 100;
const SHORT_TRIES = 2;
/** Longer than it takes to find another leader. */
const SHORT_ASKS = 20;

/** For how many milliseconds nothing is heard before a try counts as lost, after so many that were. */
export function silenceMs(lost: number): number {
  // What is much may take the server a while to find: after some tries, which may all have met a server that hangs, it is given longer.
  return lost === 0 ? ASK_SOON_MS : ASK_AGAIN_MS * 2 ** Math.max(0, lost - SHORT_TRIES);
}

/** After how many milliseconds it is asked once more beside what was asked before, which may be answered yet: so long a caller waits beyond an outage. */
export function besideMs(asked: number, doubt: Doubt): number {
  const times = doubt.isThere() ? asked - 1 : asked;
  if (times < 0) return DOUBTED_MS;
  return times === 0 ? ASK_SOON_MS : ASK_AGAIN_MS * 2 ** Math.max(0, times - SHORT_ASKS);
}

/** After how many milliseconds one message that was sent so many times is sent once more. */
export function soonMs(sent: number, doubt: Doubt): number {
  return sent === 1 && doubt.isThere() ? DOUBTED_MS : ASK_SOON_MS;
}
