import type { Format } from './format.ts';
import type { Inspect } from './inspect.ts';
import type { EventState } from './types.ts';

/** Makes the `console` of one event: what is printed leaves with the event's result, within its limits. */
export type MakeConsole = (state: EventState) => object;

/** Builds the factory. */
export function makeConsole(inspect: Inspect, format: Format): MakeConsole {
  const LEVELS = ['log', 'trace', 'debug', 'info', 'warn', 'error'];

  const add = (state: EventState, level: string, text: string): void => {
    const { logLines, logBytes } = state.flags.limits;
    if (!state.open || state.logs.length > logLines) return;
    const room = logBytes - state.logBytes;
    if (state.logs.length === logLines || room <= 0) {
      state.logBytes = logBytes;
      if (state.logs.at(-1)?.[1] !== FULL) state.logs.push(['warn', FULL]);
      return;
    }
    const message = text.length > room ? `${text.slice(0, room)}...` : text;
    state.logBytes += message.length;
    state.logs.push([level, message]);
  };
  const FULL = 'The log limit of this event is reached; further lines are dropped.';

  return state => {
    const print =
      (level: string) =>
      (...args: unknown[]) => {
        if (state.open) add(state, level, format(...args));
      };
    const made: Record<string, unknown> = {};
    for (const level of LEVELS) made[level] = print(level);
    made.dir = (value: unknown) => add(state, 'log', inspect(value));
    made.table = made.log;
    made.assert = (ok: unknown, ...args: unknown[]) => {
      if (!ok) add(state, 'error', `Assertion failed${args.length > 0 ? ` ${format(...args)}` : ''}`);
    };
    for (const name of ['time', 'timeEnd', 'timeLog', 'group', 'groupEnd', 'count', 'clear'])
      made[name] = () => {};
    return made;
  };
}
