import punycode from 'punycode/punycode.js';
import { makeAssert } from './assert.ts';
import type { Codecs } from './codecs.ts';
import type { GuestCrypto } from './crypto.ts';
import { makeEvents } from './events.ts';
import type { Format } from './format.ts';
import type { Inspect } from './inspect.ts';
import { SearchParams } from './search-params.ts';
import { GuestUrl, hostOf } from './url.ts';

/** What `require` is built from. */
export interface ModuleParts {
  codecs: Codecs;
  crypto: GuestCrypto;
  inspect: Inspect;
  format: Format;
  /** The `Buffer` of the script's realm. */
  Buffer: unknown;
}

/** Builds each requirable module on its first use. */
export function makeModules(parts: ModuleParts): Record<string, () => unknown> {
  const { inspect, codecs, format } = parts;
  const assert = makeAssert(inspect);

  const util = () => ({
    format,
    inspect: (value: unknown) => inspect(value),
    isDeepStrictEqual: (a: unknown, b: unknown) => assert.same(a, b, true),
    inherits(child: { prototype: object }, parent: { prototype: object }) {
      Object.setPrototypeOf(child.prototype, parent.prototype);
    },
    promisify:
      (fn: (...args: unknown[]) => void) =>
      (...args: unknown[]) =>
        new Promise((resolve, reject) => {
          fn(...args, (error: unknown, value: unknown) => (error ? reject(error) : resolve(value)));
        }),
    deprecate: (fn: unknown) => fn,
    isArray: Array.isArray,
    types: {
      isDate: (v: unknown) => v instanceof Date,
      isRegExp: (v: unknown) => v instanceof RegExp,
      isPromise: (v: unknown) => v instanceof Promise,
      isMap: (v: unknown) => v instanceof Map,
      isSet: (v: unknown) => v instanceof Set,
    },
    TextEncoder: (globalThis as Record<string, unknown>).TextEncoder,
    TextDecoder: (globalThis as Record<string, unknown>).TextDecoder,
  });

  const querystring = () => {
    const quote = (text: unknown) => encodeURIComponent(String(text).toWellFormed());
    const unquote = (text: string) => {
      try {
        return decodeURIComponent(text);
      } catch {
        return text;
      }
    };
    const stringify = (value: unknown, sep = '&', eq = '=') =>
      Object.entries(value && typeof value === 'object' ? value : {})
        .flatMap(([k, v]) => (Array.isArray(v) ? v : [v]).map(item => `${quote(k)}${eq}${quote(item ?? '')}`))
        .join(sep);
    const parse = (text: unknown, sep = '&', eq = '=') => {
      const out: Record<string, unknown> = Object.create(null);
      for (const pair of String(text ?? '').split(sep)) {
        if (pair === '') continue;
        const [rawKey = '', ...rest] = pair.replaceAll('+', ' ').split(eq);
        const key = unquote(rawKey);
        const value = unquote(rest.join(eq));
        const old = out[key];
        out[key] = old === undefined ? value : [...(Array.isArray(old) ? old : [old]), value];
      }
      return out;
    };
    return { parse, decode: parse, stringify, encode: stringify, escape: quote, unescape: unquote };
  };

  const path = () => {
    const normalize = (text: string): string => {
      const rooted = text.startsWith('/');
      const out: string[] = [];
      for (const part of text.split('/')) {
        if (part === '' || part === '.') continue;
        if (part === '..' && out.length > 0 && out.at(-1) !== '..') out.pop();
        else if (part !== '..' || !rooted) out.push(part);
      }
      const body = out.join('/') + (text.endsWith('/') && out.length > 0 ? '/' : '');
      return (rooted ? '/' : '') + body || '.';
    };
    const basename = (text: string, suffix = '') => {
      const name = text.replace(/\/+$/, '').split('/').pop() ?? '';
      return suffix && name !== suffix && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
    };
    const dirname = (text: string) => {
      const cut = text.replace(/\/+$/, '').lastIndexOf('/');
      return cut < 0 ? '.' : cut === 0 ? '/' : text.slice(0, cut);
    };
    const extname = (text: string) => /[^/](\.[^./]*)\/*$/.exec(text)?.[1] ?? '';
    const join = (...all: string[]) => normalize(all.filter(part => part !== '').join('/') || '.');
    const resolve = (...all: string[]) => {
      const at = all.findLastIndex(part => part.startsWith('/'));
      return normalize(`/${all.slice(Math.max(at, 0)).join('/')}`).replace(/(.)\/$/, '$1');
    };
    const parse = (text: string) => {
      const base = basename(text);
      const ext = extname(base);
      const root = text.startsWith('/') ? '/' : '';
      const dir = dirname(text);
      return {
        root,
        dir: dir === '.' && !text.startsWith('.') ? '' : dir,
        base,
        ext,
        name: base.slice(0, base.length - ext.length),
      };
    };
    const api = {
      normalize,
      basename,
      dirname,
      extname,
      join,
      resolve,
      parse,
      isAbsolute: (t: string) => t.startsWith('/'),
      sep: '/',
      delimiter: ':',
    };
    return { ...api, posix: api };
  };

  const url = () => {
    const parse = (text: string, query = false) => {
      const found =
        /^(?:([a-z][a-z0-9+.-]*:)?(?:\/\/(?:([^@/?#]*)@)?([^/?#]*))?)?([^?#]*)(\?[^#]*)?(#.*)?$/i.exec(
          text.trim(),
        ) ?? [];
      const [, protocol, auth, host, pathname, search, hash] = found;
      const port = /:(\d+)$/.exec(host ?? '')?.[1];
      const bare = search?.slice(1);
      return {
        protocol: protocol?.toLowerCase() ?? null,
        slashes: host === undefined ? null : true,
        auth: auth ?? null,
        host: host?.toLowerCase() ?? null,
        port: port ?? null,
        hostname: host?.toLowerCase().replace(/:\d+$/, '') ?? null,
        hash: hash ?? null,
        search: search ?? null,
        query: query ? querystring().parse(bare ?? '') : (bare ?? null),
        pathname: pathname || (host ? '/' : null),
        path: `${pathname || (host ? '/' : '')}${search ?? ''}` || null,
        href: text.trim(),
      };
    };
    return {
      URL: GuestUrl,
      URLSearchParams: SearchParams,
      parse,
      format: (value: unknown) =>
        typeof value === 'string' ? value : String((value as { href?: unknown }).href ?? value),
      resolve: (from: string, to: string) => new GuestUrl(to, from).href,
      domainToASCII: hostOf,
      domainToUnicode: (text: string) => punycode.toUnicode(hostOf(text)),
    };
  };

  const stringDecoder = () => {
    class StringDecoder {
      #held: number[] = [];
      write(chunk: Uint8Array): string {
        const all = [...this.#held, ...chunk];
        let keep = 0;
        for (let back = 1; back <= Math.min(3, all.length); back++) {
          const byte = all[all.length - back] ?? 0;
          const size = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
          if (byte >= 0xc0) {
            if (size > back) keep = back;
            break;
          }
        }
        this.#held = all.slice(all.length - keep);
        return codecs.decode(Uint8Array.from(all.slice(0, all.length - keep)));
      }
      end(chunk?: Uint8Array): string {
        const text = chunk ? this.write(chunk) : '';
        const rest = codecs.decode(Uint8Array.from(this.#held));
        this.#held = [];
        return text + rest;
      }
    }
    return { StringDecoder };
  };

  return {
    __proto__: null as never,
    crypto: () => parts.crypto.module,
    url,
    querystring,
    util,
    path,
    buffer: () => ({ Buffer: parts.Buffer, atob: codecs.atob, btoa: codecs.btoa, kMaxLength: 2 ** 31 - 1 }),
    string_decoder: stringDecoder,
    punycode: () => ({ ...punycode }),
    assert: () => assert.module,
    events: makeEvents,
  };
}
