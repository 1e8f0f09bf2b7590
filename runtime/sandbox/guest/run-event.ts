import type { Handlers } from './handlers.ts';
import type { Outbox } from './outbox.ts';
import type { EventOutput, Results } from './results.ts';
import type { EventState, Script, ScriptFlags, ScriptUnit } from './types.ts';

/** What events are run with. */
export interface EventRunnerParts {
  now: () => number;
  handlers: Handlers;
  /** Runs the text of a script for an event: what it returns, or what it exports. */
  open(unit: ScriptUnit, on: { state: EventState; script: Script; event: unknown }): unknown;
  results: Results;
  outbox: Outbox;
}

/** Runs events one by one. */
export interface EventRunner {
  /** Events that have begun and not ended. */
  active: Map<number, EventState>;
  /** The event that was begun last. */
  last(): number;
  start(id: number, script: Script | undefined, text: string, geo?: EventState['geo']): void;
  /** What a unit of a script makes of an event, or a promise of it. */
  call(unit: ScriptUnit, script: Script, state: EventState, event: unknown): unknown;
  close(state: EventState, output: EventOutput): void;
  fail(state: EventState, error: unknown): void;
  /**
   * Answers the events that have come to an end: what one began with `$kv` and did not await is done before its event is. To be
   * called while no promise of a script has anything left to do at once, so before and not after answers are handed in.
   */
  settle(): void;
}

/** An event whose script is done. */
interface Ending {
  state: EventState;
  end: () => void;
}

/** Builds it. */
export function makeEventRunner(parts: EventRunnerParts): EventRunner {
  const { now, results, outbox } = parts;
  const active = new Map<number, EventState>();
  const { KEEP } = parts.handlers;
  let ending: Ending[] = [];
  let last = 0;

  const close = (state: EventState, output: EventOutput): void => {
    if (!state.open) return;
    state.open = false;
    active.delete(state.id);
    // The map's old tables are found late by the garbage collector, and what they lead to lives as long: what is done leads to nothing.
    state.reply = undefined;
    state.kv = undefined;
    state.writes = undefined;
    state.fetched = undefined;
    outbox.add(output);
  };
  const fail = (state: EventState, error: unknown): void => {
    if (state.open) close(state, results.failed(state, error));
  };

  const call = (unit: ScriptUnit, script: Script, state: EventState, event: unknown): unknown => {
    const opened = parts.open(unit, { state, script, event });
    if (unit.kind === 'classic') return opened;
    const handle = (exported: unknown): unknown =>
      parts.handlers.call(unit, { state, script, event, exported });
    return isThenable(opened) ? (async () => handle(await opened))() : handle(opened);
  };
  /** Every event that one script made goes through the next; the texts of what comes of it. */
  const chain = async (script: Script, state: EventState, text: string): Promise<void> => {
    let texts = [text];
    for (const unit of script.units) {
      const made: string[] = [];
      for (const json of texts) {
        const value = await call(unit, script, state, JSON.parse(json));
        const some = value === KEEP ? [json] : results.texts(state, value);
        if (!Array.isArray(some)) return close(state, results.faulted(state, some));
        made.push(...some);
      }
      texts = made;
    }
    endOnceIdle({ state, end: () => close(state, results.joined(state, texts)) });
  };
  const end = (state: EventState, value: unknown, text: string): void => {
    if (!state.open) return;
    if (value === KEEP) close(state, results.joined(state, [text]));
    else close(state, results.settled(state, value));
  };

  const endOnceIdle = (event: Ending): void => {
    const { state } = event;
    if (state.kv) ending.push(event);
    else if (state.open) event.end();
  };
  /** Awaits rather than `then`: promises of the realm's engine take several times as long. */
  const endAfter = async (
    value: unknown,
    { isChain, state, text }: { isChain: boolean; state: EventState; text: string },
  ): Promise<void> => {
    try {
      const done = await value;
      if (!isChain) endOnceIdle({ state, end: () => end(state, done, text) });
    } catch (error) {
      fail(state, error);
    }
  };
  /** What awaits the last answer of `$kv` has its turn first. */
  const endSoon = async (event: Ending): Promise<void> => {
    await undefined;
    ending.push(event);
  };
  const settle = (): void => {
    const all = ending;
    ending = [];
    for (const event of all) {
      const { state } = event;
      if (!state.open) continue;
      if (state.kvPending > 0) {
        state.kvIdle = () => void endSoon(event);
        continue;
      }
      try {
        event.end();
      } catch (error) {
        fail(state, error);
      }
    }
  };

  const start: EventRunner['start'] = (id, found, text, geo) => {
    if (!found) return;
    const state = newState(id, found.flags);
    state.geo = geo;
    const [unit] = found.units;
    if (!unit || found.flags.error) {
      const error = { code: 'SCRIPT_ERROR', ...found.flags.error };
      return void close(state, { head: `[${id},1,${JSON.stringify(error)},[]]`, body: '' });
    }
    let event: unknown;
    try {
      event = JSON.parse(text);
    } catch {
      return void close(state, results.unreadable(state));
    }
    last = id;
    let value: unknown;
    const isChain = found.units.length > 1;
    try {
      value = isChain ? chain(found, state, text) : call(unit, found, state, event);
      // What has promises is answered a moment later: whether one of them was rejected is known by then.
      if (!isThenable(value) && !found.flags.promises && !state.kv) return void end(state, value, text);
    } catch (error) {
      return void fail(state, error);
    }
    state.deadline = now() + found.flags.timeoutMs;
    active.set(id, state);
    void endAfter(value, { isChain, state, text });
  };
  return { active, last: () => last, start, call, close, fail, settle };
}

/** An event that has not begun. */
export function newState(id: number, flags: ScriptFlags): EventState {
  return {
    id,
    open: true,
    flags,
    deadline: 0,
    waiting: 0,
    waitingSince: 0,
    kvPending: 0,
    kvIdle: undefined,
    geo: undefined,
    logs: [],
    logBytes: 0,
    writes: undefined,
    reply: undefined,
    kv: undefined,
    fetch: undefined,
    fetched: undefined,
  };
}

/** A promise, or what stands for one. */
export function isThenable(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    (value instanceof Promise || typeof (value as { then?: unknown }).then === 'function')
  );
}
