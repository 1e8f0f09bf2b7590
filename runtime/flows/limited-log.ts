import type { FlowsLog } from './flows-options.ts';
import type { Level } from './messages.ts';

/** Lines that flows may add to the log in one second. */
const MAX = 200;
const SECOND_MS = 1_000;

/** A log that takes 200 lines a second and counts the rest: flows that shout cost kvflow nothing. */
export function limitedLog(log: FlowsLog): (level: Level, text: string) => void {
  let began = 0;
  let lines = 0;
  return (level, text) => {
    const now = Date.now();
    if (now - began >= SECOND_MS) {
      if (lines > MAX) log.warn(`flows: ${lines - MAX} more lines of the last second are left out`);
      began = now;
      lines = 0;
    }
    lines += 1;
    if (lines <= MAX) log[level](text);
  };
}
