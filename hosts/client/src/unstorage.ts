import type { AdapterOptions } from './adapters/bucket.ts';
import { openBucket } from './adapters/bucket.ts';
import { below, fromKey } from './adapters/keys.ts';
import type { Client } from './index.ts';

/** What the driver is given. */
export interface UnstorageOptions extends AdapterOptions {
  /** Watching needs a client over HTTP; with any other, `watch` tells of nothing. */
  client: AdapterOptions['client'] & Partial<Pick<Client, 'watch'>>;
  /** Put before every key: parts with `:` between them. */
  base?: string;
}

/** A driver of unstorage 1. */
export interface UnstorageDriver {
  readonly name: string;
  readonly options: { bucket: string; base?: string };
  hasItem(key: string): Promise<boolean>;
  getItem(key: string): Promise<string | null>;
  getItemRaw(key: string): Promise<Uint8Array | null>;
  setItem(key: string, value: string, options?: ItemOptions): Promise<void>;
  setItemRaw(key: string, value: unknown, options?: ItemOptions): Promise<void>;
  removeItem(key: string): Promise<void>;
  getMeta(key: string): Promise<{ mtime: Date; size: number; ttl?: number } | null>;
  getKeys(base?: string): Promise<string[]>;
  clear(base?: string): Promise<void>;
  watch(callback: (event: 'update' | 'remove', key: string) => void): Promise<() => void>;
}

/** Of a write; `ttl` in seconds, as the other drivers of unstorage have it. */
export interface ItemOptions {
  ttl?: number;
}

const NS_PER_SECOND = 1e9;

/**
 * A driver for unstorage in a bucket of kvflow.
 * @example
 * const storage = createStorage({ driver: unstorageDriver({ client: createClient({ url }), bucket: 'files' }) });
 */
export function unstorageDriver(options: UnstorageOptions): UnstorageDriver {
  const { client, bucket: name, base = '' } = options;
  const bucket = openBucket(options);
  const prefix = base.replace(/:?$/, base ? ':' : '');
  return {
    name: 'kvflow',
    options: { bucket: name, ...(base && { base }) },
    hasItem: async key => (await bucket.get(prefix + key)) !== undefined,
    getItem: async key => {
      const item = await bucket.get(prefix + key);
      return item ? new TextDecoder().decode(bytesOf(item)) : null;
    },
    getItemRaw: async key => {
      const item = await bucket.get(prefix + key);
      return item ? bytesOf(item) : null;
    },
    setItem: (key, value, { ttl } = {}) => bucket.put(prefix + key, { value, ...lifetime(ttl) }),
    setItemRaw: (key, value, { ttl } = {}) =>
      bucket.put(prefix + key, { ...stored(value), ...lifetime(ttl) }),
    removeItem: async key => void (await bucket.remove(prefix + key)),
    getMeta: async key => {
      const item = await bucket.get(prefix + key);
      if (!item) return null;
      const ttl = item.expires_at && Math.ceil((Date.parse(item.expires_at) - Date.now()) / 1000);
      return { mtime: new Date(item.created_at), size: bytesOf(item).length, ...(ttl && { ttl }) };
    },
    getKeys: async (start = '') => {
      const keys: string[] = [];
      for await (const { key } of bucket.keys(below(prefix + start), false))
        keys.push(key.slice(prefix.length));
      return keys;
    },
    clear: (start = '') => bucket.clear(below(prefix + start)),
    watch: async callback => {
      const ended = new AbortController();
      if (client.watch)
        void follow(client.watch(name, { filter: below(prefix), signal: ended.signal }), callback);
      return () => ended.abort();
    },
  };

  async function follow(
    changes: ReturnType<Client['watch']>,
    callback: (event: 'update' | 'remove', key: string) => void,
  ): Promise<void> {
    for await (const { operation, key } of changes) {
      callback(operation === 'put' ? 'update' : 'remove', fromKey(key).slice(prefix.length));
    }
  }
}

function lifetime(ttl: number | undefined): { ttl?: number } {
  return ttl === undefined ? {} : { ttl: Math.ceil(ttl * NS_PER_SECOND) };
}

function stored(value: unknown): { value: string; encoding?: 'base64' } {
  if (value instanceof ArrayBuffer) return stored(new Uint8Array(value));
  if (!ArrayBuffer.isView(value)) return { value: typeof value === 'string' ? value : JSON.stringify(value) };
  const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  const text = Array.from(bytes, byte => String.fromCharCode(byte)).join('');
  return { value: btoa(text), encoding: 'base64' };
}

function bytesOf({ value, encoding }: { value: unknown; encoding?: unknown }): Uint8Array {
  const text = String(value);
  return encoding === 'base64'
    ? Uint8Array.from(atob(text), character => character.charCodeAt(0))
    : new TextEncoder().encode(text);
}
