import { addRead, answerRead, findRead, type Read, type Reads } from './kv-reads.ts';
import type { EventState } from './types.ts';

/** The `$kv` of one event, and the realm's part of its transaction. */
export type MakeKv = (state: EventState) => object;

/** What `$kv` is made from. */
export interface KvParts {
  now: () => number;
  /** Of the text as UTF-8. */
  byteLength(text: string): number;
  /** Codes of the errors that are not the script's. */
  codes: WeakMap<object, string>;
  /** Asks the store for a key. */
  send(event: number, op: number, key: string): void;
}

/** What is kept of an event's `$kv`. */
interface Used {
  state: EventState;
  reads: Reads;
  /** Updates under way, by key. Most scripts never use them. */
  turns: Map<string, Promise<void>> | undefined;
  operations: number;
  /** Characters. */
  written: number;
}

/**
 * Builds the `$kv` factory. Its promises are made here, inside the realm; only `get` of a key not seen by the
 * event yet goes out, and what is written leaves with the event's result.
 */
export function makeKv({ now, byteLength, codes, send }: KvParts): MakeKv {
  const MAX_KEY_BYTES = 1024;
  const MAX_WRITTEN_VALUES = 4;
  const GONE = -1;
  const TTL_OPTIONS = ['ttl', 'ttlMs', 'ttlSec'];
  const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
  const FOREVER_MS = 100 * 365 * 24 * 3600 * 1000;

  const error = (code: string, message: string): Error => {
    const made = Object.assign(new Error(message), { code });
    codes.set(made, code);
    return made;
  };
  const checkKey = (key: unknown): string => {
    if (typeof key !== 'string' && typeof key !== 'number')
      throw error('SCRIPT_ERROR', `$kv keys are text; got ${key === null ? 'null' : typeof key}.`);
    const text = String(key);
    if (
      text === '' ||
      !text.isWellFormed() ||
      (text.length * 3 > MAX_KEY_BYTES && byteLength(text) > MAX_KEY_BYTES)
    )
      throw error('SCRIPT_ERROR', `$kv keys are 1 to ${MAX_KEY_BYTES} bytes of well-formed text.`);
    return text;
  };
  const timesOf = (value: unknown, unit: number): number | undefined => {
    if (value === undefined || value === null) return undefined;
    const ms = Number(value) * unit;
    if (Number.isNaN(ms))
      throw error(
        'SCRIPT_ERROR',
        '$kv ttlMs and ttlSec are numbers; 0 means no expiry, less than 0 that the time is over.',
      );
    return ms;
  };
  const durationOf = (value: unknown): number | undefined => {
    if (value === undefined || value === null) return undefined;
    let ms = 0;
    const rest = String(value).replace(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g, (_, count: string, unit: string) => {
      ms += Number(count) * (UNITS[unit] ?? Number.NaN);
      return '';
    });
    if (typeof value !== 'string' || value === '' || rest !== '')
      throw error(
        'SCRIPT_ERROR',
        "$kv ttl is a duration as text, such as '30m', '1d' or '1h30m'; for a number there are ttlMs and ttlSec.",
      );
    return ms;
  };
  /** Milliseconds to live; 0: for good; {@link GONE}: the time is over already. null is the default. */
  const checkTtl = (opts: unknown, fallback: number): number => {
    const options = opts ?? {};
    if (typeof options !== 'object')
      throw error(
        'SCRIPT_ERROR',
        "$kv takes a time to live by name: { ttl: '30m' }, { ttlMs: 5000 } or { ttlSec: 60 }.",
      );
    for (const name of Object.keys(options))
      if (!TTL_OPTIONS.includes(name))
        throw error(
          'SCRIPT_ERROR',
          `$kv knows no option "${name.slice(0, 50)}"; a time to live is ttl: '30m', ttlMs or ttlSec.`,
        );
    const { ttl, ttlMs, ttlSec } = options as { ttl?: unknown; ttlMs?: unknown; ttlSec?: unknown };
    const ms = durationOf(ttl) ?? timesOf(ttlMs, 1) ?? timesOf(ttlSec, 1000) ?? fallback;
    if (ms < 0) return GONE;
    return ms >= FOREVER_MS ? 0 : Math.ceil(ms);
  };
  const checkValue = (value: unknown, limit: number): string | null => {
    if (value === undefined || value === null) return null;
    const json = JSON.stringify(value);
    if (json === undefined) throw error('SCRIPT_ERROR', `$kv values are JSON; a ${typeof value} is not.`);
    if (json.length * 3 > limit && byteLength(json) > limit)
      throw error(
        'VALUE_TOO_LARGE',
        `$kv value is larger than the ${limit} bytes a value may have; store less per key.`,
      );
    return json;
  };

  const ended = (state: EventState): void => {
    if (--state.kvPending === 0) state.kvIdle?.();
  };
  const load = ({ state, reads }: Used, key: string): Read | undefined => {
    if (state.writes?.has(key)) return undefined;
    const found = findRead(reads, key);
    if (found) return found.isAnswered && !found.failure ? undefined : found;
    const op = reads.all.length;
    const read = addRead(reads, key);
    if (state.waiting++ === 0) state.waitingSince = now();
    state.kvPending++;
    send(state.id, op, key);
    return read;
  };
  const answer = ({ state, reads }: Used, op: number, status: number, value: unknown, ends: number): void => {
    const read = reads.all[op];
    if (!read || read.isAnswered) return;
    if (--state.waiting === 0) state.deadline += now() - state.waitingSince;
    if (status === 0) {
      read.json = typeof value === 'string' ? value : undefined;
      read.ends = ends;
    } else {
      const { code, message } = value as { code: string; message: string };
      read.failure = error(code, message);
    }
    answerRead(read);
    ended(state);
  };
  const current = ({ state, reads }: Used, key: string): unknown => {
    const written = state.writes?.get(key);
    const json = written ? written[0] : findRead(reads, key)?.json;
    return json === undefined || json === null ? undefined : JSON.parse(json);
  };
  const write = (used: Used, key: string, [value, ttl]: [json: string | null, ttlMs: number]): void => {
    const { state } = used;
    if (!state.open) return;
    const json = ttl === GONE ? null : value;
    state.writes ??= new Map();
    used.written += (json?.length ?? 0) - (state.writes.get(key)?.[0]?.length ?? 0);
    const most = MAX_WRITTEN_VALUES * state.flags.limits.kvValueBytes;
    if (used.written > most)
      throw error(
        'VALUE_TOO_LARGE',
        `An event may write ${most} characters to $kv in all; this one wrote more.`,
      );
    state.writes.set(key, [json, Math.max(0, ttl)]);
  };
  const enter = (used: Used, key: unknown): string => {
    const { kvOperations } = used.state.flags.limits;
    if (++used.operations > kvOperations)
      throw error('SCRIPT_ERROR', `An event may use $kv ${kvOperations} times; this one did more.`);
    return checkKey(key);
  };

  /** Whatever comes of it: who called it is told. */
  const over = async (state: EventState, turn: Promise<unknown>): Promise<void> => {
    try {
      await turn;
    } catch {}
    ended(state);
  };

  return state => {
    const used: Used = {
      state,
      reads: { all: [], byKey: undefined },
      turns: undefined,
      operations: 0,
      written: 0,
    };
    state.reply = (op, status, value, expiresAt) => answer(used, op, status, value, expiresAt);

    const set = async (key: unknown, value: unknown, opts?: unknown): Promise<void> => {
      const name = enter(used, key);
      const { kvValueBytes, kvTtlMs } = state.flags.limits;
      write(used, name, [checkValue(value, kvValueBytes), checkTtl(opts, kvTtlMs)]);
    };
    const get = async (key: unknown): Promise<unknown> => {
      const name = enter(used, key);
      const read = load(used, name);
      if (read) await read;
      return current(used, name);
    };
    const getMany = async (keys: unknown): Promise<unknown[]> => {
      if (!Array.isArray(keys)) throw error('SCRIPT_ERROR', '$kv.getMany takes a list of keys.');
      const names = Array.from(keys, key => enter(used, key));
      for (const read of names.map(name => load(used, name))) if (read) await read;
      return names.map(name => current(used, name));
    };
    const ttl = async (key: unknown): Promise<number | null | undefined> => {
      const name = enter(used, key);
      await load(used, name);
      if (current(used, name) === undefined) return undefined;
      const written = state.writes?.get(name);
      if (written) return written[1] > 0 ? written[1] : null;
      const ends = findRead(used.reads, name)?.ends ?? 0;
      return ends > 0 ? Math.max(0, ends - now()) : null;
    };
    const incr = async (key: unknown, by: unknown = 1, opts?: unknown): Promise<number> => {
      const name = enter(used, key);
      const ttl = checkTtl(opts, state.flags.limits.kvTtlMs);
      await load(used, name);
      // From here to the write nothing is awaited: two increments of one event never read the same number.
      const old = current(used, name) ?? 0;
      const next = Number(old) + Number(by);
      if (typeof old !== 'number' || !Number.isFinite(next))
        throw error(
          'NOT_A_NUMBER',
          `$kv.incr needs numbers: "${name.slice(0, 100)}" holds ${JSON.stringify(old).slice(0, 50)}.`,
        );
      write(used, name, [JSON.stringify(next), ttl]);
      return next;
    };
    const update = async (key: unknown, fn: unknown, opts?: unknown): Promise<unknown> => {
      const name = enter(used, key);
      if (typeof fn !== 'function')
        throw error('SCRIPT_ERROR', '$kv.update takes a key and a function of the old value.');
      const ttl = checkTtl(opts, state.flags.limits.kvTtlMs);
      used.turns ??= new Map();
      const before = used.turns.get(name);
      const run = async (): Promise<unknown> => {
        // Also where there is none: what the function asks for itself comes after this turn.
        await before;
        const read = load(used, name);
        if (read) await read;
        const next: unknown = await fn(current(used, name));
        write(used, name, [checkValue(next, state.flags.limits.kvValueBytes), ttl]);
        return next;
      };
      state.kvPending++;
      const turn = run();
      used.turns.set(name, over(state, turn));
      return await turn;
    };
    return Object.freeze({ get, getMany, ttl, set, del: (key: unknown) => set(key, null), incr, update });
  };
}
