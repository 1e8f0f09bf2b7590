import type { EventState, Script } from './types.ts';

/** What handlers of modules are given beside the event. */
export interface Contexts {
  /** The second argument of `export default` and `transform`, in the shape that Jitsu's functions know. */
  jitsu(state: EventState, script: Script, event: unknown): object;
  /** The second argument of `transformEvent`: answers what is known of an event. */
  rudder(state: EventState, script: Script): (event: unknown) => object;
  /** The second argument of `onTrack` and its like. */
  segment(script: Script): object;
  /** Names that scripts may mention, each made when it is asked for. */
  more(state: EventState, script: Script, take: (name: string) => unknown): object;
}

/** What of the realm it uses. */
export interface ContextParts {
  kvOf(state: EventState): Record<string, (...args: unknown[]) => Promise<unknown>>;
  consoleOf(state: EventState): Record<string, (...args: unknown[]) => void>;
  fetchOf(state: EventState): (url: unknown, options?: unknown) => Promise<unknown>;
  secrets(script: Script): object;
  errors: Record<string, unknown>;
}

/** Builds them. */
export function makeContexts(parts: ContextParts): Contexts {
  const DEFAULT_SEC = 31 * 24 * 3600;
  const DAY = 86_400;
  const YEAR = 365.25 * DAY;
  /** By how they begin, the first that does: `ms` before `m`, `mo` too. */
  const UNITS: [begins: RegExp, seconds: number][] = [
    [/^(ms|milli)/, 0.001],
    [/^mo/, YEAR / 12],
    [/^(s|$)/, 1],
    [/^m/, 60],
    [/^h/, 3600],
    [/^d/, DAY],
    [/^w/, 7 * DAY],
    [/^y/, YEAR],
  ];

  /** Seconds, as Jitsu's store takes them: a number, a text such as `7d` or `2 months`, `inf`, or an object with one of these as ttl. */
  const secondsOf = (opts: unknown): number => {
    if (typeof opts === 'number') return opts < 0 ? 0 : Math.ceil(opts);
    if (typeof opts === 'object' && opts !== null) return secondsOf((opts as { ttl?: unknown }).ttl);
    if (typeof opts !== 'string') return DEFAULT_SEC;
    if (opts.toLowerCase() === 'inf') return 0;
    let seconds = 0;
    for (const [, count, unit = ''] of opts.toLowerCase().matchAll(/(\d+(?:\.\d+)?)\s*([a-z]*)/g))
      seconds += Number(count) * (UNITS.find(([begins]) => begins.test(unit))?.[1] ?? 0);
    return Math.ceil(seconds) || DEFAULT_SEC;
  };
  const storeOf = (state: EventState): object => {
    const kv = () =>
      parts.kvOf(state) as Record<'get' | 'set' | 'del' | 'ttl', (...args: unknown[]) => Promise<unknown>>;
    const ttl = async (key: unknown): Promise<number> => {
      const ms = await kv().ttl(key);
      if (ms === undefined) return -2;
      return ms === null ? -1 : Math.floor(Number(ms) / 1000);
    };
    return Object.freeze({
      get: (key: unknown) => kv().get(key),
      set: (key: unknown, value: unknown, opts?: unknown) =>
        kv().set(key, value, { ttlSec: secondsOf(opts) }),
      del: (key: unknown) => kv().del(key),
      async getOrSet(key: unknown, value: unknown, opts?: unknown) {
        const found = await kv().get(key);
        if (found !== undefined) return found;
        await kv().set(key, value, { ttlSec: secondsOf(opts) });
        return value;
      },
      ttl,
      async getWithTTL(key: unknown) {
        const value = await kv().get(key);
        return value === undefined ? undefined : { value, ttl: await ttl(key) };
      },
    });
  };
  /** A function as RudderStack has it, with the levels that Jitsu has. */
  const logOf = (state: EventState): object => {
    const { log, info, warn, error, debug } = parts.consoleOf(state);
    return Object.assign((...args: unknown[]) => log?.(...args), { info, warn, error, debug });
  };
  const objectOf = (value: unknown): object => (typeof value === 'object' && value !== null ? value : {});
  const part = (script: Script, name: string): object => objectOf(script.variables[name]);
  const idOf = (script: Script, name: string): object => {
    const id = script.variables[`${name}Id`] ?? undefined;
    const type = script.variables[`${name}Type`] ?? undefined;
    return { ...(id !== undefined && { id }), ...(type !== undefined && { type }), ...part(script, name) };
  };
  const credential = (script: Script) => (name: unknown) =>
    (parts.secrets(script) as Record<string, unknown>)[String(name)];

  /** What is the same for every event of a script. */
  const constant = new WeakMap<Script, { props: object; headers: object; geo: unknown; ua: unknown }>();
  const constantOf = (script: Script) => {
    const found = constant.get(script);
    if (found) return found;
    const { variables } = script;
    const made = {
      props: objectOf(variables.props ?? variables),
      headers: part(script, 'headers'),
      geo: variables.geo ?? undefined,
      ua: variables.ua ?? undefined,
    };
    constant.set(script, made);
    return made;
  };

  /** Each part is made when it is asked for; they are properties of the prototype, which is made once. */
  class JitsuContext {
    #state: EventState;
    #script: Script;
    readonly props: object;
    readonly headers: unknown;
    readonly geo: unknown;
    readonly ua: unknown;
    constructor(state: EventState, script: Script, event: unknown) {
      const http = (event as { __HTTP_CONTEXT__?: { headers?: unknown } } | null)?.__HTTP_CONTEXT__;
      const { props, headers, geo, ua } = constantOf(script);
      this.#state = state;
      this.#script = script;
      this.props = props;
      this.headers = http?.headers ?? headers;
      this.geo = state.geo?.jitsu ?? geo;
      this.ua = ua;
    }
    get log(): object {
      return logOf(this.#state);
    }
    get store(): object {
      return storeOf(this.#state);
    }
    get kv(): object {
      return parts.kvOf(this.#state);
    }
    get fetch(): unknown {
      return parts.fetchOf(this.#state);
    }
    get secrets(): object {
      return parts.secrets(this.#script);
    }
    get source(): object {
      return idOf(this.#script, 'source');
    }
    get destination(): object {
      return idOf(this.#script, 'destination');
    }
    get connection(): object {
      return idOf(this.#script, 'connection');
    }
    get workspace(): object {
      return idOf(this.#script, 'workspace');
    }
  }
  const PARTS = Object.keys(Object.getOwnPropertyDescriptors(JitsuContext.prototype)).filter(
    name => name !== 'constructor',
  );
  Object.freeze(JitsuContext.prototype);
  Object.freeze(JitsuContext);
  /** For scripts that may take all that is left, as in `{ log, ...rest }`: it has every part itself. */
  const whole = (context: JitsuContext): object => {
    const all: Record<string, unknown> = { ...context };
    for (const name of PARTS) all[name] = context[name as keyof JitsuContext];
    return all;
  };

  return {
    jitsu(state, script, event) {
      const context = new JitsuContext(state, script, event);
      return script.flags.spreads ? whole(context) : context;
    },
    rudder(_state, script) {
      const { destinationId, destinationType, sourceId } = script.variables;
      const known = { sourceId, destinationId, destinationType, ...part(script, 'metadata') };
      return event => ({ ...known, messageId: (event as { messageId?: unknown } | null)?.messageId });
    },
    segment: script => objectOf(script.variables.settings ?? script.variables),
    more(state, script, take) {
      return {
        import: take,
        get fetch() {
          // Scripts of old look whether there is one.
          if (!state.flags.fetch && script.units.every(({ kind }) => kind === 'classic')) return undefined;
          const fetch = parts.fetchOf(state);
          if (!/^rudder/.test(script.units[0]?.kind ?? '')) return fetch;
          return async (url: unknown, options?: unknown) =>
            ((await fetch(url, options)) as { json(): Promise<unknown> }).json();
        },
        get fetchV2() {
          return async (url: unknown, options?: unknown) => {
            const response = (await parts.fetchOf(state)(url, options)) as {
              status: number;
              url: string;
              headers: Iterable<[string, string]>;
              text(): Promise<string>;
            };
            const text = await response.text();
            let body: unknown = text;
            try {
              body = JSON.parse(text);
            } catch {
              // A text it stays.
            }
            return {
              status: response.status,
              url: response.url,
              headers: Object.fromEntries(response.headers),
              body,
            };
          };
        },
        get $secrets() {
          return parts.secrets(script);
        },
        getCredential: credential(script),
        geolocation: (ip?: unknown) =>
          Promise.resolve(
            state.geo && (ip === undefined || ip === state.geo.ip)
              ? state.geo.rudder
              : (script.variables.geo ?? {}),
          ),
        get log() {
          return logOf(state);
        },
        get store() {
          return storeOf(state);
        },
        ...parts.errors,
      };
    },
  };
}
