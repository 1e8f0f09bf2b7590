import type { Handlers } from './handlers.ts';
import type { EventOutput, Results } from './results.ts';
import type { Timers } from './timers.ts';
import type { EventState, GuestRuntime, Script, ScriptFlags, ScriptUnit } from './types.ts';

/** What the runtime is put together from. */
export interface RuntimeParts {
  now: () => number;
  handlers: Handlers;
  /** Runs the text of a script for an event: what it returns, or what it exports. */
  open(unit: ScriptUnit, on: { state: EventState; script: Script; event: unknown }): unknown;
  addPackage: GuestRuntime['addPackage'];
  /** Reads of keys, and requests, that leave the realm are added here. */
  reads: string[];
  requests: string[];
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
  const MAX_WARNINGS = 20;
  interface Batch {
    script: Script | undefined;
    first: number;
    /** The frame: a head, then the events' texts, of which `at` is the next. */
    text: string;
    at: number;
    lengths: number[];
    geo: (EventState['geo'] | null)[] | undefined;
    next: number;
    /** Events that are wanted no more. */
    dropped: Set<number> | undefined;
    /** A block: all its events have the id of the first, and one record. */
    together: boolean;
  }
  interface BlockLines {
    lines: string[];
    /** How many lines each event became. */
    counts: number[];
    /** Each became one. */
    isEven: boolean;
  }
  const MAX_BLOCK = 1 << 19;
  const MAX_BLOCK_MS = 100;
  const PATIENCE = 3;
  /** Promises of a script that may lie between one call of `$kv` and the next. */
  const KV_TURNS = 32;
  const scripts = new Map<number, Script>();
  const queue: Batch[] = [];
  const active = new Map<number, EventState>();
  const heads: string[] = [];
  const bodies: string[] = [];
  const { reads, requests } = parts;
  /** Told with the next frame, by the event that was begun last. */
  const warnings: [number, string][] = [];
  let last = 0;
  let drained = '';

  const close = (state: EventState, { head, body }: EventOutput): void => {
    if (!state.open) return;
    state.open = false;
    active.delete(state.id);
    // The map's old tables are found late by the garbage collector: what is done holds on to nothing large.
    state.reply = undefined;
    state.writes = undefined;
    state.fetched = undefined;
    heads.push(head);
    bodies.push(body);
  };
  const fail = (state: EventState, error: unknown): void => {
    if (state.open) close(state, results.failed(state, error));
  };
  const timers = parts.makeTimers(fail);

  const newState = (id: number, flags: ScriptFlags): EventState => ({
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
  });

  const isThenable = (value: unknown): boolean =>
    typeof value === 'object' &&
    value !== null &&
    (value instanceof Promise || typeof (value as { then?: unknown }).then === 'function');
  const call = (unit: ScriptUnit, script: Script, state: EventState, event: unknown): unknown => {
    const opened = parts.open(unit, { state, script, event });
    if (unit.kind === 'classic') return opened;
    const handle = (exported: unknown): unknown =>
      parts.handlers.call(unit, { state, script, event, exported });
    return isThenable(opened) ? Promise.resolve(opened).then(handle) : handle(opened);
  };
  const KEEP = parts.handlers.KEEP;
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
    await kvDone(state);
    if (state.open) close(state, results.joined(state, texts));
  };
  /** What was begun with `$kv` and not awaited is done before the event is: nothing that it writes is lost. */
  const kvDone = async (state: EventState): Promise<void> => {
    for (let turn = 0; state.kv && state.open && turn < KV_TURNS; turn++) {
      await undefined;
      if (state.kvPending === 0) continue;
      await new Promise<void>(resolve => (state.kvIdle = resolve));
      turn = 0;
    }
  };
  const end = (state: EventState, value: unknown, text: string): void => {
    if (!state.open) return;
    if (value === KEEP) close(state, results.joined(state, [text]));
    else close(state, results.settled(state, value));
  };

  const start = (id: number, found: Script | undefined, text: string, geo?: EventState['geo']): void => {
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
    Promise.resolve(value)
      .then(async done => {
        if (isChain) return;
        if (state.kv) await kvDone(state);
        end(state, done, text);
      })
      .then(undefined, error => fail(state, error));
  };
  /** What events of a block became: a line each. Undefined where they are to be run one by one. */
  const linesOf = (batch: Batch, script: Script): BlockLines | undefined => {
    const until = now() + MAX_BLOCK_MS;
    const [unit] = script.units;
    if (!unit) return undefined;
    const made: BlockLines = { lines: [], counts: [], isEven: true };
    let size = 0;
    for (let at = batch.at, next = 0; next < batch.lengths.length; next++) {
      const end = at + (batch.lengths[next] ?? 0);
      const text = batch.text.slice(at, end);
      at = end;
      const state = newState(batch.first, script.flags);
      const value = call(unit, script, state, JSON.parse(text));
      if (isThenable(value) || state.logs.length > 0) return undefined;
      const lines = made.lines.length;
      if (value === KEEP) made.lines.push(results.line(text));
      else if (!results.add(made.lines, state, value)) return undefined;
      for (let at = lines; at < made.lines.length; at++) size += made.lines[at]?.length ?? 0;
      made.counts.push(made.lines.length - lines);
      made.isEven &&= made.lines.length === lines + 1;
      // Nobody else had a turn, and nothing was said of it: no block takes long or comes to much.
      if (size > MAX_BLOCK || (now() >= until && next < batch.lengths.length - 1)) return undefined;
    }
    return made;
  };
  /** Runs all events of a block, or says that they are to be run one by one: nothing that it does has an effect. */
  const runBlock = (batch: Batch): void => {
    const { script, first } = batch;
    let made: BlockLines | undefined;
    try {
      if (script && isPlain(script)) made = linesOf(batch, script);
      else if (script) script.patience = 0;
    } catch {
      // Whose fault it is, and where, is told by the event itself.
    }
    if (script) script.patience = Math.min(PATIENCE, script.patience + (made ? 1 : -1));
    if (!made) {
      heads.push(`[${first},5,${script && script.patience > 0 ? 0 : 1}]`);
      bodies.push('');
      return;
    }
    const { lines, counts, isEven } = made;
    const text = lines.length === 0 ? '' : `${lines.join('\n')}\n`;
    heads.push(`[${first},4,[${text === '' ? '' : text.length}],[${isEven ? '' : counts.join(',')}]]`);
    bodies.push(text);
  };
  const isPlain = ({ units, flags }: Script): boolean =>
    units.length === 1 &&
    !(flags.kv || flags.console || flags.timers || flags.promises || flags.idle || flags.error);
  /** An event that has not begun yet. */
  const drop = (id: number): void => {
    for (const batch of queue) {
      const ids = batch.together ? 1 : batch.lengths.length;
      if (id < batch.first + batch.next || id >= batch.first + ids) continue;
      batch.dropped ??= new Set();
      batch.dropped.add(id);
    }
  };

  return {
    define(id, flags, variables, secrets) {
      scripts.set(id, {
        flags: JSON.parse(flags) as ScriptFlags,
        units: [],
        libraries: new Map(),
        variables: variables as Record<string, unknown>,
        secrets: secrets as object,
        patience: PATIENCE,
      });
    },
    add(id, main, kind, library) {
      const script = scripts.get(id);
      const unit = { main, kind: kind as ScriptUnit['kind'] };
      if (library !== '') script?.libraries.set(library, unit);
      else script?.units.push(unit);
    },
    addPackage: parts.addPackage,
    forget: id => void scripts.delete(id),
    run(json) {
      const at = json.indexOf('\n');
      const head = JSON.parse(json.slice(0, at)) as {
        s: number;
        b: number;
        l: number[];
        r: string;
        g?: (EventState['geo'] | null)[];
        t?: 1;
      };
      parts.seed(head.r);
      const script = scripts.get(head.s);
      queue.push({
        script,
        first: head.b,
        text: json,
        at: at + 1,
        lengths: head.l,
        geo: head.g,
        next: 0,
        dropped: undefined,
        together: head.t === 1,
      });
    },
    step(until) {
      const batch = queue[0];
      if (!batch) return false;
      if (batch.together) {
        queue.shift();
        if (!batch.dropped) runBlock(batch);
        return queue.length > 0;
      }
      while (batch.next < batch.lengths.length) {
        const from = batch.at;
        batch.at += batch.lengths[batch.next] ?? 0;
        const geo = batch.geo?.[batch.next] ?? undefined;
        const id = batch.first + batch.next++;
        if (batch.dropped?.has(id)) continue;
        start(id, batch.script, batch.text.slice(from, batch.at), geo);
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
        if (op < 0) active.get(id)?.fetched?.(op, status, value);
        else active.get(id)?.reply?.(op, status, value, expiresAt);
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
      const waiting = heads.length + reads.length + requests.length + warnings.length;
      if (waiting === 0) return '';
      let size = 0;
      let count = 0;
      for (; count < heads.length; count++) {
        size += (heads[count]?.length ?? 0) + (bodies[count]?.length ?? 0) + 1;
        if (size > MAX_FRAME && count > 0) break;
      }
      drained = bodies.splice(0, count).join('');
      const fetches = requests.length === 0 ? '' : `,"f":[${requests.splice(0).join(',')}]`;
      const told = warnings.length === 0 ? '' : `,"w":${JSON.stringify(warnings.splice(0))}`;
      return `{"r":[${heads.splice(0, count).join(',')}],"k":[${reads.splice(0).join(',')}]${fetches}${told}}\n`;
    },
    texts() {
      const texts = drained;
      drained = '';
      return texts;
    },
    rejected(text) {
      if (warnings.length < MAX_WARNINGS) warnings.push([last, text]);
    },
  };
}
