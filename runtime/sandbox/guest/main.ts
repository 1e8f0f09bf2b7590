/**
 * What runs in the realm of the scripts, of its own modules and kept packages: the build bundles it into one text, and the
 * worker runs that before any script. In plain JavaScript throughout, because a function of the host is a way out of vm2.
 */
// First of all: the packages look for TextEncoder as they load.
import './text.ts';
import { makeConsole } from './console.ts';
import { makeContexts } from './context.ts';
import { makeCrypto } from './crypto.ts';
import { guardErrorClass } from './error-class.ts';
import { makeEventParts } from './event-parts.ts';
import { makeFetch } from './fetch.ts';
import { makeFormat } from './format.ts';
import { freezeRealm } from './freeze.ts';
import { installGlobals } from './globals.ts';
import { makeHandlers } from './handlers.ts';
import { makeInspect } from './inspect.ts';
import { install } from './install.ts';
import { makeKv } from './kv.ts';
import { makeModules } from './modules.ts';
import { makeResults } from './results.ts';
import { makeRuntime } from './runtime.ts';
import { tellUserLines } from './stack-traces.ts';
import { codecs } from './text.ts';
import { makeTimers } from './timers.ts';
import type { GuestRuntime } from './types.ts';

/** Installs the globals of scripts, freezes all that they can reach, and answers what the worker drives them by. */
export function openRealm(): GuestRuntime {
  const now = Date.now;
  const codes = new WeakMap<object, string>();
  const inspect = makeInspect();
  const format = makeFormat(inspect);
  const crypto = makeCrypto(codecs);
  const Buffer = installGlobals(now, crypto);
  const modules = installRequire(makeModules({ codecs, crypto, inspect, format, Buffer }));
  tellUserLines();
  guardErrorClass();

  const reads: string[] = [];
  const requests: string[] = [];
  const { fetchOf, ...web } = makeFetch({ now, codecs, requests });
  for (const [name, value] of Object.entries(web)) install(name, value);
  const eventParts = makeEventParts({
    makeConsole: makeConsole(inspect, format),
    makeKv: makeKv({
      now,
      byteLength: text => codecs.encode(text).length,
      codes,
      send: (event, op, key) => reads.push(`[${event},${op},${JSON.stringify(key)}]`),
    }),
    makeTimers: fail => makeTimers(now, fail),
    makeContexts,
    fetchOf,
    hash: crypto.hash,
    packageOf: modules.require,
  });
  const runtime = makeRuntime({
    now,
    reads,
    requests,
    results: makeResults(inspect, codes),
    seed: crypto.seed,
    handlers: makeHandlers(eventParts.contexts),
    open: eventParts.open,
    addPackage: eventParts.addPackage,
    makeTimers: eventParts.makeTimers,
  });
  freezeRealm([...modules.all, ...eventParts.frozen, runtime]);
  return runtime;
}

/** `require` of the modules that are there. All are made now: what a script could reach is frozen before any script runs. */
function installRequire(makers: Record<string, () => unknown>) {
  const names = Object.keys(makers);
  const loaded = new Map(names.map(name => [name, makers[name]?.()]));
  const require = (name: unknown): unknown => {
    const id = String(name).replace(/^node:/, '');
    if (loaded.has(id)) return loaded.get(id);
    throw new Error(
      `require('${String(name).slice(0, 100)}') is not allowed in a transform. Allowed: ${names.join(', ')}.`,
    );
  };
  install('require', require);
  return { require, all: [...loaded.values()] };
}
