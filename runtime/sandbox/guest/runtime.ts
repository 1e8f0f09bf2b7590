import type { MakeConsole } from './console.ts';
import type { MakeKv } from './kv.ts';
import type { EventOutput, Results } from './results.ts';
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
  // Fits into what the parent reads at once, so that it need not be put together there.
  const MAX_FRAME = 60_000;
  const DEADLINE_CHECK_MS = 25;
  interface Script {
    main: ScriptMain | null;
    flags: ScriptFlags;
  }
  interface Batch {
    script: Script | undefined;
    first: number;
    /** The frame: a head, then the events' texts, of which `at` is the next. */
    text: string;
    at: number;
    lengths: number[];
    next: number;
    /** Events that are wanted no more. */
    dropped: Set<number> | undefined;
  }
  const scripts = new Map<number, Script>();
  const queue: Batch[] = [];
  const active = new Map<number, EventState>();
  const heads: string[] = [];
  const bodies: string[] = [];
  const reads: string[] = [];
  let drained = '';

  const close = (state: EventState, { head, body }: EventOutput): void => {
    if (!state.open) return;
    state.open = false;
    active.delete(state.id);
    // The map's old tables are found late by the garbage collector: what is done holds on to nothing large.
    state.reply = undefined;
    state.writes = undefined;
    heads.push(head);
    bodies.push(body);
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
      const key = Object.hasOwn(headers, wanted)
        ? wanted
        : Object.keys(headers).find(other => other.toLowerCase() === wanted);
      const values = key === undefined ? undefined : headers[key];
      // As in Jitsu Classic: the first of a header that came several times.
      return Array.isArray(values) ? values[0] : values;
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
      event,
    );
  };

  const start = (id: number, found: Script | undefined, text: string): void => {
    if (!found) return;
    const state = newState(id, found.flags);
    if (!found.main) {
      const error = { code: 'SCRIPT_ERROR', ...found.flags.error };
      return void close(state, { head: `[${id},1,${JSON.stringify(error)},[]]`, body: '' });
    }
    let event: unknown;
    try {
      event = JSON.parse(text);
    } catch {
      return void close(state, results.unreadable(state));
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
  /** An event that has not begun yet. */
  const drop = (id: number): void => {
    for (const batch of queue) {
      if (id < batch.first + batch.next || id >= batch.first + batch.lengths.length) continue;
      batch.dropped ??= new Set();
      batch.dropped.add(id);
    }
  };
  const isThenable = (value: unknown): boolean =>
    typeof value === 'object' &&
    value !== null &&
    (value instanceof Promise || typeof (value as { then?: unknown }).then === 'function');

  return {
    define: (id, main, flags) => void scripts.set(id, { main, flags: JSON.parse(flags) }),
    forget: id => void scripts.delete(id),
    run(json) {
      const at = json.indexOf('\n');
      const head = JSON.parse(json.slice(0, at)) as { s: number; b: number; l: number[]; r: string };
      parts.seed(head.r);
      const script = scripts.get(head.s);
      queue.push({
        script,
        first: head.b,
        text: json,
        at: at + 1,
        lengths: head.l,
        next: 0,
        dropped: undefined,
      });
    },
    step(until) {
      const batch = queue[0];
      if (!batch) return false;
      while (batch.next < batch.lengths.length) {
        const from = batch.at;
        batch.at += batch.lengths[batch.next] ?? 0;
        const id = batch.first + batch.next++;
        if (batch.dropped?.has(id)) continue;
        start(id, batch.script, batch.text.slice(from, batch.at));
        if (now() >= until) return true;
      }
      queue.shift();
      return queue.length > 0;
    },
    reply(json) {
      for (const [id, op, status, value, expiresAt] of JSON.parse(json) as [
        number,
        number,
        number,
        unknown,
        number,
      ][])
        active.get(id)?.reply?.(op, status, value, expiresAt);
    },
    abort(json) {
      for (const id of JSON.parse(json) as number[]) {
        const state = active.get(id);
        if (state) state.open = false;
        else drop(id);
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
      if (heads.length === 0 && reads.length === 0) return '';
      let size = 0;
      let count = 0;
      for (; count < heads.length; count++) {
        size += (heads[count]?.length ?? 0) + (bodies[count]?.length ?? 0) + 1;
        if (size > MAX_FRAME && count > 0) break;
      }
      drained = bodies.splice(0, count).join('');
      return `{"r":[${heads.splice(0, count).join(',')}],"k":[${reads.splice(0).join(',')}]}\n`;
    },
    texts() {
      const texts = drained;
      drained = '';
      return texts;
    },
  };
}
