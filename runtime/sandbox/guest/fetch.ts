import type { Codecs } from './codecs.ts';
import type { EventState } from './types.ts';

/** The `fetch` of an event. */
export interface GuestFetch {
  fetchOf(state: EventState): (url: unknown, options?: unknown) => Promise<unknown>;
  Headers: unknown;
  AbortController: unknown;
  AbortSignal: unknown;
}

/** What it works with. */
export interface FetchParts {
  now: () => number;
  codecs: Codecs;
  /** Requests leave the realm here: `[event, operation, JSON of the request]`, as JSON. */
  requests: string[];
}

/**
 * Builds it. A request leaves as text and its answer comes as text: nothing of the network is in the realm.
 */
export function makeFetch({ now, codecs, requests }: FetchParts): GuestFetch {
  const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
  const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
  type Pair = [string, string];

  class Headers {
    #pairs: Pair[] = [];
    constructor(init?: unknown) {
      for (const [name, value] of pairsOf(init)) this.append(name, value);
    }
    append(name: unknown, value: unknown): void {
      this.#pairs.push([String(name).toLowerCase(), String(value).trim()]);
    }
    set(name: unknown, value: unknown): void {
      this.delete(name);
      this.append(name, value);
    }
    delete(name: unknown): void {
      const key = String(name).toLowerCase();
      this.#pairs = this.#pairs.filter(([other]) => other !== key);
    }
    get(name: unknown): string | null {
      const key = String(name).toLowerCase();
      const values = this.#pairs.filter(([other]) => other === key).map(([, value]) => value);
      return values.length > 0 ? values.join(', ') : null;
    }
    has(name: unknown): boolean {
      return this.get(name) !== null;
    }
    getSetCookie(): string[] {
      return this.#pairs.filter(([name]) => name === 'set-cookie').map(([, value]) => value);
    }
    forEach(call: (value: string, name: string, headers: Headers) => void): void {
      for (const [name, value] of this) call(value, name, this);
    }
    *entries(): Generator<Pair> {
      for (const name of [...new Set(this.#pairs.map(([key]) => key))].sort())
        yield [name, this.get(name) ?? ''];
    }
    *keys(): Generator<string> {
      for (const [name] of this.entries()) yield name;
    }
    *values(): Generator<string> {
      for (const [, value] of this.entries()) yield value;
    }
    [Symbol.iterator](): Generator<Pair> {
      return this.entries();
    }
  }
  const pairsOf = (init: unknown): Pair[] => {
    if (init === undefined || init === null) return [];
    if (typeof (init as Iterable<unknown>)[Symbol.iterator] === 'function')
      return [...(init as Iterable<[unknown, unknown]>)].map(([name, value]) => [
        String(name),
        String(value),
      ]);
    return Object.entries(init as object).map(([name, value]) => [name, String(value)]);
  };

  class AbortSignal {
    aborted = false;
    reason: unknown = undefined;
    onabort: ((event: object) => void) | null = null;
    #listeners: (() => void)[] = [];
    static abort(reason?: unknown): AbortSignal {
      const signal = new AbortSignal();
      fire(signal, reason);
      return signal;
    }
    static any(signals: AbortSignal[]): AbortSignal {
      const all = new AbortSignal();
      for (const signal of signals) {
        if (signal.aborted) fire(all, signal.reason);
        else signal.addEventListener('abort', () => fire(all, signal.reason));
      }
      return all;
    }
    addEventListener(type: unknown, listener: () => void): void {
      if (type === 'abort') this.#listeners.push(listener);
    }
    removeEventListener(_type: unknown, listener: () => void): void {
      this.#listeners = this.#listeners.filter(other => other !== listener);
    }
    throwIfAborted(): void {
      if (this.aborted) throw this.reason;
    }
    static fire(signal: AbortSignal, reason: unknown): void {
      if (signal.aborted) return;
      signal.aborted = true;
      signal.reason = reason ?? named('AbortError', 'This operation was aborted');
      const event = { type: 'abort', target: signal };
      signal.onabort?.(event);
      for (const listener of signal.#listeners.splice(0)) listener();
    }
  }
  const { fire } = AbortSignal;
  Reflect.deleteProperty(AbortSignal, 'fire');
  class AbortController {
    readonly signal = new AbortSignal();
    abort(reason?: unknown): void {
      fire(this.signal, reason);
    }
  }
  const named = (name: string, message: string): Error => Object.assign(new Error(message), { name });

  interface Answer {
    status: number;
    statusText: string;
    headers: Pair[];
    url: string;
    redirected: boolean;
    body?: string;
    body64?: string;
  }
  const bytesOf = ({ body, body64 }: Answer): Uint8Array =>
    body === undefined ? (codecs.fromBase64(body64 ?? '') ?? new Uint8Array(0)) : codecs.encode(body);
  const toResponse = (answer: Answer): object => {
    const { status, statusText, url, redirected } = answer;
    let used = false;
    const once = async <T>(read: () => T): Promise<T> => {
      if (used) throw new TypeError('The body of the answer was read already.');
      used = true;
      return read();
    };
    const text = (): string => answer.body ?? codecs.decode(bytesOf(answer));
    return {
      status,
      statusText,
      ok: status >= 200 && status < 300,
      url,
      redirected,
      type: 'basic',
      headers: new Headers(answer.headers),
      get bodyUsed() {
        return used;
      },
      text: () => once(text),
      json: () => once((): unknown => JSON.parse(text())),
      bytes: () => once(() => bytesOf(answer)),
      arrayBuffer: () => once(() => bytesOf(answer).slice().buffer),
      clone: () => toResponse(answer),
    };
  };

  const ttlOf = (value: unknown): number | undefined => {
    if (value === undefined || value === null) return undefined;
    const [, count, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(String(value)) ?? [];
    if (count === undefined)
      throw new TypeError("fetch: ttl is a time such as '10m', or a number of seconds.");
    return Number(count) * (UNITS[unit] ?? 1000);
  };
  const bodyOf = (body: unknown): { body?: string; body64?: string } => {
    if (body === undefined || body === null) return {};
    if (body instanceof ArrayBuffer) return { body64: codecs.toBase64(new Uint8Array(body)) };
    if (ArrayBuffer.isView(body))
      return { body64: codecs.toBase64(new Uint8Array(body.buffer, body.byteOffset, body.byteLength)) };
    return { body: String(body) };
  };
  const requestOf = (url: unknown, options: Record<string, unknown>): string => {
    const method = String(options.method ?? 'GET').toUpperCase();
    if (!METHODS.has(method)) throw new TypeError(`fetch: the method ${method.slice(0, 20)} is not known.`);
    const body = bodyOf(options.body);
    const headers = [...new Headers(options.headers)];
    const isForm =
      Object.prototype.toString.call(options.body) === '[object URLSearchParams]' ||
      options.body instanceof URLSearchParams;
    if (body.body !== undefined && !headers.some(([name]) => name === 'content-type'))
      headers.push([
        'content-type',
        isForm ? 'application/x-www-form-urlencoded;charset=UTF-8' : 'text/plain;charset=UTF-8',
      ]);
    const { redirect = 'follow' } = options;
    const ttlMs = ttlOf(options.ttl);
    const href = typeof url === 'object' && url !== null ? ((url as { href?: unknown }).href ?? url) : url;
    return JSON.stringify({ url: String(href), method, headers, ...body, redirect, ttlMs });
  };

  /** One for each event: what it waits for by the number of the request. */
  const make = (state: EventState) => {
    let next = -1;
    const pending = new Map<number, { resolve(answer: object): void; reject(error: unknown): void }>();
    state.fetched = (op, status, value) => {
      const wait = pending.get(op);
      if (!wait) return;
      pending.delete(op);
      if (--state.waiting === 0) state.deadline += now() - state.waitingSince;
      if (status === 0) wait.resolve(toResponse(JSON.parse(String(value)) as Answer));
      else wait.reject(new TypeError(`fetch failed: ${(value as { message: string }).message}.`));
    };
    return async (url: unknown, options: unknown = {}): Promise<unknown> => {
      const settings = (options ?? {}) as Record<string, unknown>;
      const request = requestOf(url, settings);
      const { signal } = settings as { signal?: AbortSignal };
      signal?.throwIfAborted();
      const op = next--;
      const answer = new Promise<object>((resolve, reject) => {
        pending.set(op, { resolve, reject });
        signal?.addEventListener('abort', () => reject(signal.reason));
      });
      if (state.waiting++ === 0) state.waitingSince = now();
      requests.push(`[${state.id},${op},${JSON.stringify(request)}]`);
      return answer;
    };
  };

  return {
    fetchOf(state) {
      state.fetch ??= make(state);
      return state.fetch;
    },
    Headers,
    AbortController,
    AbortSignal,
  };
}
