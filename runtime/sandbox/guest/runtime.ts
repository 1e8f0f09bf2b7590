import type { MakeConsole } from './console.ts';
import type { MakeKv } from './kv.ts';
import type { Results } from './results.ts';
import type { Timers } from './timers.ts';
import type { EventState, GuestRuntime, ScriptFlags, ScriptMain } from './types.ts';

/** What the runtime is put together from. */
export interface RuntimeParts {
  now: () => number;
  makeConsole: MakeConsole;
  makeKv: MakeKv;
  makeTimers: (fail: (state: EventState, error: unknown) => void) => Timers;
  results: Results;
  seed: (hex: string) => void;
}

/** Builds the event loop of the script's realm. Sent to the worker as source text: refers to nothing outside itself. */
export function makeRuntime(parts: RuntimeParts): GuestRuntime {
  const { now, results } = parts;
  const MAX_FRAME = 32768;
  const DEADLINE_CHECK_MS = 25;
  interface Script {
    main: ScriptMain | null;
    flags: ScriptFlags;
  }
  interface Batch {
    script: Script | undefined;
    first: number;
    events: unknown[];
    at: number;
  }
  const scripts = new Map<number, Script>();
  const queue: Batch[] = [];
  const active = new Map<number, EventState>();
  const records: string[] = [];
  const reads: string[] = [];

  const close = (state: EventState, record: string): void => {
    if (!state.open) return;
    state.open = false;
    active.delete(state.id);
    records.push(record);
  };
  const fail = (state: EventState, error: unknown): void => {
    if (state.open) close(state, results.failed(state, error));
  };
  const settle = (state: EventState, value: unknown): void => {
    if (state.open) close(state, results.settled(state, value));
  };
  const timers = parts.makeTimers(fail);

  const contextOf = (event: unknown): object => ({
    header(name: unknown): unknown {
      const http = (event as { __HTTP_CONTEXT__?: { headers?: Record<string, unknown> } } | null)
        ?.__HTTP_CONTEXT__;
      const headers = http?.headers ?? {};
      const wanted = String(name).toLowerCase();
      if (Object.hasOwn(headers, wanted)) return headers[wanted];
      const key = Object.keys(headers).find(other => other.toLowerCase() === wanted);
      return key === undefined ? undefined : headers[key];
    },
  });

  const newState = (id: number, flags: ScriptFlags): EventState => ({
    id,
    open: true,
    flags,
    deadline: 0,
    waiting: 0,
    waitingSince: 0,
    logs: [],
    logBytes: 0,
    writes: undefined,
    reply: undefined,
  });

  const call = (main: ScriptMain, state: EventState, event: unknown): unknown => {
    const { flags } = state;
    const kv = flags.kv
      ? parts.makeKv(state, (op, key) => reads.push(`[${state.id},${op},${JSON.stringify(key)}]`))
      : undefined;
    return main(
      event,
      event,
      kv,
      flags.context ? contextOf(event) : undefined,
      flags.console ? parts.makeConsole(state) : undefined,
      flags.timers ? timers.globals(state) : undefined,
    );
  };

  const start = (id: number, found: Script | undefined, event: unknown): void => {
    if (!found) return;
    const state = newState(id, found.flags);
    if (!found.main) {
      const error = { code: 'SCRIPT_ERROR', ...found.flags.error };
      return void close(state, `[${id},1,${JSON.stringify(error)},[]]`);
    }
    let value: unknown;
    try {
      value = call(found.main, state, event);
      if (!isThenable(value)) return void settle(state, value);
    } catch (error) {
      return void fail(state, error);
    }
    state.deadline = now() + found.flags.timeoutMs;
    active.set(id, state);
    Promise.resolve(value).then(
      done => settle(state, done),
      error => fail(state, error),
    );
  };
  const isThenable = (value: unknown): boolean =>
    typeof value === 'object' &&
    value !== null &&
    (value instanceof Promise || typeof (value as { then?: unknown }).then === 'function');

  return {
    define: (id, main, flags) => void scripts.set(id, { main, flags: JSON.parse(flags) }),
    forget: id => void scripts.delete(id),
    run(json) {
      const message = JSON.parse(json) as { s: number; b: number; e: unknown[]; r: string };
      parts.seed(message.r);
      queue.push({ script: scripts.get(message.s), first: message.b, events: message.e, at: 0 });
    },
    step(budgetMs) {
      const until = now() + budgetMs;
      for (let batch = queue[0]; batch; batch = queue[0]) {
        while (batch.at < batch.events.length) {
          const i = batch.at++;
          start(batch.first + i, batch.script, batch.events[i]);
          batch.events[i] = undefined;
          if (now() >= until) return true;
        }
        queue.shift();
      }
      return false;
    },
    reply(json) {
      for (const [id, op, status, value] of JSON.parse(json) as [number, number, number, unknown][])
        active.get(id)?.reply?.(op, status, value);
    },
    abort(json) {
      for (const id of JSON.parse(json) as number[]) {
        const state = active.get(id);
        if (state) state.open = false;
        active.delete(id);
      }
    },
    tick() {
      timers.fire();
      const time = now();
      for (const state of active.values())
        if (state.waiting === 0 && time > state.deadline) close(state, results.timedOut(state));
    },
    due: () => (active.size === 0 ? -1 : Math.min(timers.next(), DEADLINE_CHECK_MS)),
    drain() {
      if (records.length === 0 && reads.length === 0) return '';
      let size = 0;
      let count = 0;
      for (; count < records.length && size < MAX_FRAME; count++) size += records[count]?.length ?? 0;
      return `{"r":[${records.splice(0, count).join(',')}],"k":[${reads.splice(0).join(',')}]}`;
    },
  };
}
