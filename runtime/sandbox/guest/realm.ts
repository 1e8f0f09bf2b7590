import { makeAddresses } from './addresses.ts';
import { makeAssert } from './assert.ts';
import { makeBuffer } from './buffer.ts';
import { makeClone } from './clone.ts';
import { makeCodecs } from './codecs.ts';
import { makeConsole } from './console.ts';
import { makeContexts } from './context.ts';
import { makeCrypto } from './crypto.ts';
import { makeEventParts } from './event-parts.ts';
import { makeEvents } from './events.ts';
import { makeFetch } from './fetch.ts';
import { makeFormat } from './format.ts';
import { freezeRealm } from './freeze.ts';
import { makeHandlers } from './handlers.ts';
import { makeHashes } from './hash.ts';
import { makeInspect } from './inspect.ts';
import { makeKv } from './kv.ts';
import { makeModules } from './modules.ts';
import { makePresets } from './presets.ts';
import { makePunycode } from './punycode.ts';
import { makeResults } from './results.ts';
import { makeRuntime } from './runtime.ts';
import { toSegment } from './segment.ts';
import { type DecoderParts, makeTextDecoder } from './text-decoder.ts';
import { makeTimers } from './timers.ts';
import type { GuestRuntime } from './types.ts';
import { makeUrl } from './url.ts';
import { makeUrlParser } from './url-parse.ts';

/** The functions the realm consists of. Each stands alone: their source text, types stripped, is what is shipped. */
const PARTS = {
  makeClone,
  makeCodecs,
  makeConsole,
  makeContexts,
  makeEventParts,
  makeFetch,
  makeFormat,
  makeHandlers,
  makeCrypto,
  freezeRealm,
  makeHashes,
  makeInspect,
  makeKv,
  makeModules,
  makePresets,
  makePunycode,
  makeResults,
  makeRuntime,
  toSegment,
  makeTextDecoder,
  makeTimers,
  makeUrl,
  makeUrlParser,
  makeAddresses,
  makeAssert,
  makeBuffer,
  makeEvents,
};

/** What texts may be encoded in. */
export type Encodings = Omit<DecoderParts, 'codecs'>;

/** Source text that, run in a fresh vm2 context, installs the script's globals and evaluates to its runtime. */
export function realmSource(known: Encodings, bufferCode: string): string {
  const names = Object.keys(PARTS).join(', ');
  const table = Object.entries(PARTS).map(([name, part]) => `${name}: ${part.toString()}`);
  return `(function () { 'use strict'; const parts = { ${table.join(',\n')} }; return (${openRealm.toString()})(parts, ${JSON.stringify(known)}, ${bufferCode}); /* ${names} */ })()`;
}

/** Runs inside the realm: builds the parts, installs the globals, freezes everything. */
function openRealm(
  parts: typeof PARTS,
  encodings: Encodings,
  bufferPackage: Parameters<typeof makeBuffer>[0],
): GuestRuntime {
  const global = globalThis as unknown as Record<string, unknown>;
  const now = Date.now;
  const codes = new WeakMap<object, string>();
  const codecs = parts.makeCodecs();
  const inspect = parts.makeInspect();
  const format = parts.makeFormat(inspect);
  const punycode = parts.makePunycode();
  const crypto = parts.makeCrypto(codecs, parts.makeHashes());
  const url = parts.makeUrl(parts.makeUrlParser(codecs, punycode, parts.makeAddresses()));

  class TextEncoder {
    readonly encoding = 'utf-8';
    encode(text: unknown = ''): Uint8Array {
      return codecs.encode(String(text));
    }
    encodeInto(text: unknown, target: Uint8Array): { read: number; written: number } {
      const bytes = codecs.encode(String(text)).subarray(0, target.length);
      target.set(bytes);
      return { read: codecs.decode(bytes).length, written: bytes.length };
    }
  }
  const install = (name: string, value: unknown): void => {
    Object.defineProperty(global, name, { value, writable: false, enumerable: false, configurable: false });
  };
  // Left out on purpose: the engine's own console prints nowhere, WebAssembly is a row of vm2 escapes.
  for (const name of ['console', 'WebAssembly', 'VMError', 'Buffer']) delete global[name];
  const Buffer = parts.makeBuffer(bufferPackage);
  install('Buffer', Buffer);
  if (global.global === undefined) install('global', global);
  install('URL', url.URL);
  install('URLSearchParams', url.URLSearchParams);
  install('TextEncoder', TextEncoder);
  install('TextDecoder', parts.makeTextDecoder({ codecs, ...encodings }));
  const origin = now();
  install('performance', {
    now: () => now() - origin,
    timeOrigin: origin,
    mark: () => {},
    measure: () => {},
  });
  install('atob', codecs.atob);
  install('btoa', codecs.btoa);
  install('structuredClone', parts.makeClone());
  install('crypto', crypto.webcrypto);
  install('$hash', crypto.hash);
  install('toSegment', parts.toSegment);
  for (const [name, preset] of Object.entries(parts.makePresets())) install(name, preset);
  install('TABLE_NAME', 'JITSU_TABLE_NAME');

  const makers = parts.makeModules({
    makeAssert: parts.makeAssert,
    makeEvents: parts.makeEvents,
    codecs,
    crypto,
    inspect,
    format,
    punycode,
    url,
    Buffer,
  });
  const loaded = new Map<string, unknown>();
  install('require', (name: unknown) => {
    const id = String(name).replace(/^node:/, '');
    const maker = makers[id];
    if (!maker)
      throw new Error(
        `require('${String(name).slice(0, 100)}') is not allowed in a transform. Allowed: ${Object.keys(makers).join(', ')}.`,
      );
    if (!loaded.has(id)) loaded.set(id, maker());
    return loaded.get(id);
  });
  // All modules are made now: what a script could reach must be frozen before any script runs.
  for (const name of Object.keys(makers)) (global.require as (name: string) => unknown)(name);

  const USER_FILE = /^(main\.js$|lib:|script )/;
  /** Stands for an import, which runs before the first line or behind the last. */
  const IMPORT = /^kvf\$at_(\d+)_(\d+)$/;
  Error.stackTraceLimit = 20;
  (Error as unknown as { prepareStackTrace: unknown }).prepareStackTrace = (
    error: unknown,
    sites: NodeJS.CallSite[],
  ) => {
    let head = 'Error';
    try {
      head = String(error);
    } catch {
      // A message that cannot be turned to text: the lines below still tell where.
    }
    const lines: string[] = [];
    let isImporter = false;
    for (const site of sites) {
      const name = site.getFunctionName() ?? '';
      if (!USER_FILE.test(site.getFileName() ?? '') || name === 'kvflow$call') continue;
      const file = site.getFileName() === 'main.js' ? '' : `${site.getFileName()}:`;
      const [, line, column] = IMPORT.exec(name) ?? [];
      if (line !== undefined) lines.push(`  at import (${file}${line}:${column})`);
      else if (!isImporter)
        lines.push(
          `  at ${name.replace('kvf$def', 'default') || '<anonymous>'} (${file}${site.getLineNumber()}:${site.getColumnNumber()})`,
        );
      // Below it comes the code around the user's, which the import was moved to.
      isImporter = line !== undefined;
    }
    return [head, ...lines].join('\n');
  };

  const reads: string[] = [];
  const requests: string[] = [];
  const { fetchOf, ...web } = parts.makeFetch({ now, codecs, requests });
  for (const [name, value] of Object.entries(web)) install(name, value);
  const eventParts = parts.makeEventParts({
    makeConsole: parts.makeConsole(inspect, format),
    makeKv: parts.makeKv(now, text => codecs.encode(text).length, codes),
    makeTimers: fail => parts.makeTimers(now, fail),
    makeContexts: parts.makeContexts,
    reads,
    fetchOf,
    hash: crypto.hash,
    packageOf: name => (global.require as (name: string) => unknown)(name),
  });
  const runtime = parts.makeRuntime({
    now,
    reads,
    requests,
    results: parts.makeResults(inspect, codes),
    seed: crypto.seed,
    handlers: parts.makeHandlers(eventParts.contexts),
    open: eventParts.open,
    addPackage: eventParts.addPackage,
    makeTimers: eventParts.makeTimers,
  });
  parts.freezeRealm([...loaded.values(), ...eventParts.frozen, runtime]);
  return runtime;
}
