import type { MakeConsole } from './console.ts';
import type { ContextParts, Contexts } from './context.ts';
import type { MakeKv } from './kv.ts';
import type { Timers } from './timers.ts';
import type { EventState, Script, ScriptUnit } from './types.ts';

/** What an event is given, made when a script first asks for it. */
export interface EventParts {
  contexts: Contexts;
  open(unit: ScriptUnit, on: { state: EventState; script: Script; event: unknown }): unknown;
  makeTimers(fail: (state: EventState, error: unknown) => void): Timers;
  addPackage(name: string, make: unknown, isFresh: boolean): void;
  /** What scripts can reach of it beside what is global. */
  frozen: unknown[];
}

/** What it is made from. */
export interface EventPartsOptions {
  makeConsole: MakeConsole;
  makeKv: MakeKv;
  makeTimers(fail: (state: EventState, error: unknown) => void): Timers;
  makeContexts(parts: ContextParts): Contexts;
  fetchOf: ContextParts['fetchOf'];
  /** As hex. */
  hash(algorithm: string, text: unknown): string;
  /** A module of the realm's own by its name; throws where there is none. */
  packageOf(name: string): unknown;
}

/** Builds it. */
export function makeEventParts(options: EventPartsOptions): EventParts {
  let timers: Timers | undefined;

  class RetryError extends Error {
    override name = 'RetryError';
    constructor(message?: string, settings?: { drop?: boolean }) {
      super(message);
      if (settings?.drop === true) this.name = 'Drop & RetryError';
    }
  }
  const named = (kind: string) =>
    class extends Error {
      override name = kind;
    };
  const errors = {
    RetryError,
    NoRetryError: named('NoRetryError'),
    DropEvent: named('DropEvent'),
    EventNotSupported: named('EventNotSupported'),
    InvalidEventPayload: named('InvalidEventPayload'),
    ValidationError: named('ValidationError'),
  };

  const kvOf = (state: EventState): object => {
    state.kv ??= options.makeKv(state);
    return state.kv;
  };
  const contexts = options.makeContexts({
    kvOf: kvOf as ContextParts['kvOf'],
    consoleOf: options.makeConsole as ContextParts['consoleOf'],
    fetchOf: options.fetchOf,
    secrets: script => script.secrets,
    errors,
  });

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

  /** What `import` answers: a stored library, run anew for each event, or a module of the realm's own. */
  const importer = (on: { state: EventState; script: Script; event: unknown }) => {
    const done = new Map<string, unknown>();
    const take = (given: string): unknown => {
      const name = given.replace(/\.js$/, '');
      const make = packages.get(name);
      if (make) {
        if (!done.has(name)) done.set(name, asModule(make(other => defaultOf(take(other)))));
        return done.get(name);
      }
      const library = on.script.libraries.get(name);
      if (!library) return moduleOf(given);
      if (done.has(name)) {
        const found = done.get(name);
        if (found === undefined) throw new Error(`The library ${name} imports itself.`);
        return found;
      }
      done.set(name, undefined);
      const exported = run(library, { ...on, take });
      if (exported instanceof Promise)
        throw new Error(`The library ${name} awaits at its top level, which a library cannot.`);
      done.set(name, exported);
      return exported;
    };
    return take;
  };
  /** A hash that is fast and no secret, as RudderStack's library has it: for samples. */
  const cyrb53 = (text: unknown, seed = 0): number => {
    let [a, b] = [0xdeadbeef ^ seed, 0x41c6ce57 ^ seed];
    for (const char of Array.from(String(text), (_, at) => String(text).charCodeAt(at))) {
      a = Math.imul(a ^ char, 2654435761);
      b = Math.imul(b ^ char, 1597334677);
    }
    const mix = (x: number, y: number): number =>
      Math.imul(x ^ (x >>> 16), 2246822507) ^ Math.imul(y ^ (y >>> 13), 3266489909);
    a = mix(a, b);
    b = mix(b, a);
    return 4294967296 * (2097151 & b) + (a >>> 0);
  };
  const hashBy = (algorithm: string) => (text: unknown) => options.hash(algorithm, text);
  /** The libraries that RudderStack brings. */
  const rudder = new Map<string, object>([
    [
      '@rs/hash/v1',
      {
        sha1: hashBy('sha1'),
        sha256: hashBy('sha256'),
        sha512: hashBy('sha512'),
        md5: hashBy('md5'),
        cyrb53,
      },
    ],
    ['@rs/urlParser/v1', { default: URLSearchParams, URLSearchParams, URL }],
  ]);
  const moduleOf = (name: string): unknown => {
    if (/^lib:/.test(name))
      throw new Error(`There is no library '${name.slice(0, 100)}': transform-script-put stores one.`);
    if (name === '@jitsu/functions-lib') return errors;
    const known = rudder.get(name);
    if (known) return known;
    const kept = frozen.get(name);
    if (kept) return kept;
    return asModule(options.packageOf(name));
  };
  /** As Node does it: the module itself is the default export, its properties are the others. */
  const asModule = (found: unknown): object => {
    const { __esModule: isModule } = found as { __esModule?: unknown };
    return isModule === true ? { ...(found as object) } : { default: found, ...(found as object) };
  };
  const defaultOf = (module: unknown): unknown => (module as { default?: unknown }).default ?? module;

  type MakePackage = (take: (name: string) => unknown) => unknown;
  /** Made anew for each event. */
  const packages = new Map<string, MakePackage>();
  /** Made once: nothing of them can be changed. */
  const frozen = new Map<string, object>();
  const seen = new Set<unknown>();
  const freeze = (root: unknown): void => {
    const todo = [root];
    while (todo.length > 0) {
      const value = todo.pop();
      if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value))
        continue;
      seen.add(value);
      try {
        if (!ArrayBuffer.isView(value)) Object.freeze(value);
        for (const slot of Object.values(Object.getOwnPropertyDescriptors(value)))
          todo.push(slot.value as unknown, slot.get, slot.set);
        todo.push(Object.getPrototypeOf(value));
      } catch {
        // What stands for an object of the host refuses to be frozen, and refuses to be written to.
      }
    }
  };
  const addPackage = (name: string, make: unknown, isFresh: boolean): void => {
    if (isFresh) {
      packages.set(name, make as MakePackage);
      return;
    }
    const module = asModule((make as MakePackage)(other => defaultOf(frozen.get(other))));
    freeze(module);
    frozen.set(name, module);
  };
  const run = (
    unit: ScriptUnit,
    on: { state: EventState; script: Script; event: unknown; take?: (name: string) => unknown },
  ): unknown => {
    const { state, script, event } = on;
    const { flags } = script;
    return unit.main(
      event,
      event,
      flags.kv ? kvOf(state) : undefined,
      flags.context ? contextOf(event) : undefined,
      flags.console ? options.makeConsole(state) : undefined,
      flags.timers ? timers?.globals(state) : undefined,
      flags.more ? contexts.more(state, script, on.take ?? importer(on)) : undefined,
      event,
    );
  };

  return {
    contexts,
    open: run,
    addPackage,
    makeTimers(fail) {
      timers = options.makeTimers(fail);
      return timers;
    },
    frozen: [errors, contexts, ...rudder.values()],
  };
}
