import type { ScriptFault } from '../types.ts';

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A call of many events takes as long as they do: this is what bounds it. */
export function endAt(deadline: number, endEarly: (fault: ScriptFault) => void): NodeJS.Timeout {
  const message = "The call's time was up before this event was done. Send fewer events in one call.";
  const ms = Math.min(LONGEST_TIMER_MS, Math.max(0, deadline - Date.now()));
  return setTimeout(endEarly, ms, { code: 'TIMEOUT', message });
}
