import type { EventState } from './types.ts';

/** A key that was asked for. To be awaited, and no promise: those of the realm's engine take several times as long. */
interface Read extends PromiseLike<void> {
  key: string;
  answered(status: number, value: unknown): void;
}

/** The `$kv` of one event, and the realm's part of its transaction. */
export type MakeKv = (state: EventState, send: (op: number, key: string) => void) => object;

/**
 * Builds the `$kv` factory. Its promises are made here, inside the realm; only `get` of a key not seen by the
 * event yet goes out, and what is written leaves with the event's result.
 */
export function makeKv(
  now: () => number,
  byteLength: (text: string) => number,
  codes: WeakMap<object, string>,
): MakeKv {
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
    const options = typeof opts === 'object' && opts !== null ? opts : {};
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

  const newRead = (key: string): Read => {
    let isAnswered = false;
    let failure: Error | undefined;
    const waiting: [go: () => unknown, fail: (error: Error) => unknown][] = [];
    const tell = (go: () => unknown, fail: (error: Error) => unknown): unknown =>
      failure ? fail(failure) : go();
    return {
      key,
      answered(status, value) {
        const { code, message } = (status === 0 ? {} : value) as { code: string; message: string };
        if (status !== 0) failure = error(code, message);
        isAnswered = true;
        for (const [go, fail] of waiting) tell(go, fail);
      },
      // biome-ignore lint/suspicious/noThenProperty: it is made to be awaited.
      then(go: () => unknown, fail: (error: Error) => unknown) {
        if (isAnswered) tell(go, fail);
        else waiting.push([go, fail]);
      },
    } as Read;
  };

  return (state, send) => {
    const known = new Map<string, string | undefined>();
    /** When what was read ends, in ms since 1970; 0: never. */
    const ends = new Map<string, number>();
    /** By the number of the read. */
    const pending: (Read | undefined)[] = [];
    const loading = new Map<string, Read>();
    // Most scripts never use `update`, and there is one of these per event.
    let turns: Map<string, Promise<void>> | undefined;
    let operations = 0;
    let written = 0;

    const ended = (): void => {
      if (--state.kvPending === 0) state.kvIdle?.();
    };
    state.reply = (op, status, value, expiresAt) => {
      const wait = pending[op];
      if (!wait) return;
      pending[op] = undefined;
      if (--state.waiting === 0) state.deadline += now() - state.waitingSince;
      if (status === 0) known.set(wait.key, typeof value === 'string' ? value : undefined);
      if (status === 0 && expiresAt > 0) ends.set(wait.key, expiresAt);
      wait.answered(status, value);
      ended();
    };

    const load = (key: string): Read | undefined => {
      if (state.writes?.has(key) || known.has(key)) return undefined;
      const under = loading.get(key);
      if (under) return under;
      const read = newRead(key);
      const op = pending.push(read) - 1;
      loading.set(key, read);
      if (state.waiting++ === 0) state.waitingSince = now();
      state.kvPending++;
      send(op, key);
      return read;
    };
    const current = (key: string): unknown => {
      const written = state.writes?.get(key);
      const json = written ? written[0] : known.get(key);
      return json === undefined || json === null ? undefined : JSON.parse(json);
    };
    const write = (key: string, value: string | null, ttl: number): void => {
      if (!state.open) return;
      const json = ttl === GONE ? null : value;
      state.writes ??= new Map();
      written += (json?.length ?? 0) - (state.writes.get(key)?.[0]?.length ?? 0);
      const most = MAX_WRITTEN_VALUES * state.flags.limits.kvValueBytes;
      if (written > most)
        throw error(
          'VALUE_TOO_LARGE',
          `An event may write ${most} characters to $kv in all; this one wrote more.`,
        );
      state.writes.set(key, [json, Math.max(0, ttl)]);
    };
    const enter = (key: unknown): string => {
      if (++operations > state.flags.limits.kvOperations)
        throw error(
          'SCRIPT_ERROR',
          `An event may use $kv ${state.flags.limits.kvOperations} times; this one did more.`,
        );
      return checkKey(key);
    };

    const set = async (key: unknown, value: unknown, opts?: unknown): Promise<void> => {
      const name = enter(key);
      write(
        name,
        checkValue(value, state.flags.limits.kvValueBytes),
        checkTtl(opts, state.flags.limits.kvTtlMs),
      );
    };
    const get = async (key: unknown): Promise<unknown> => {
      const name = enter(key);
      const read = load(name);
      if (read) await read;
      return current(name);
    };
    const getMany = async (keys: unknown): Promise<unknown[]> => {
      if (!Array.isArray(keys)) throw error('SCRIPT_ERROR', '$kv.getMany takes a list of keys.');
      const names = Array.from(keys, key => enter(key));
      for (const read of names.map(load)) if (read) await read;
      return names.map(current);
    };
    const ttl = async (key: unknown): Promise<number | null | undefined> => {
      const name = enter(key);
      await load(name);
      if (current(name) === undefined) return undefined;
      const written = state.writes?.get(name);
      if (written) return written[1] > 0 ? written[1] : null;
      const end = ends.get(name);
      return end === undefined ? null : Math.max(0, end - now());
    };
    const incr = async (key: unknown, by: unknown = 1, opts?: unknown): Promise<number> => {
      const name = enter(key);
      const ttl = checkTtl(opts, state.flags.limits.kvTtlMs);
      await load(name);
      // From here to the write nothing is awaited: two increments of one event never read the same number.
      const old = current(name) ?? 0;
      const next = Number(old) + Number(by);
      if (typeof old !== 'number' || !Number.isFinite(next))
        throw error(
          'NOT_A_NUMBER',
          `$kv.incr needs numbers: "${name.slice(0, 100)}" holds ${JSON.stringify(old).slice(0, 50)}.`,
        );
      write(name, JSON.stringify(next), ttl);
      return next;
    };
    const update = async (key: unknown, fn: unknown, opts?: unknown): Promise<unknown> => {
      const name = enter(key);
      if (typeof fn !== 'function')
        throw error('SCRIPT_ERROR', '$kv.update takes a key and a function of the old value.');
      const ttl = checkTtl(opts, state.flags.limits.kvTtlMs);
      turns ??= new Map();
      const before = turns.get(name);
      const run = async (): Promise<unknown> => {
        // Also where there is none: what the function asks for itself comes after this turn.
        await before;
        const read = load(name);
        if (read) await read;
        const next: unknown = await fn(current(name));
        write(name, checkValue(next, state.flags.limits.kvValueBytes), ttl);
        return next;
      };
      state.kvPending++;
      const turn = run();
      turns.set(name, over(turn));
      return await turn;
    };
    /** Whatever comes of it: who called it is told. */
    const over = async (turn: Promise<unknown>): Promise<void> => {
      try {
        await turn;
      } catch {}
      ended();
    };
    return Object.freeze({ get, getMany, ttl, set, del: (key: unknown) => set(key, null), incr, update });
  };
}
