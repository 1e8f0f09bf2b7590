import type { AdapterOptions } from './adapters/bucket.ts';
import { openBucket } from './adapters/bucket.ts';
import { below } from './adapters/keys.ts';

export type { AdapterClient, AdapterOptions } from './adapters/bucket.ts';

/** A storage adapter of Keyv 5, which Keyv 6 takes as well, and so of cache-manager 6 and later. */
export interface KeyvStore {
  readonly opts: { dialect: string; url: string };
  /** Set by Keyv: what all its keys begin with. */
  namespace: string | undefined;
  get<Value>(key: string): Promise<Value | undefined>;
  getMany<Value>(keys: string[]): Promise<(Value | undefined)[]>;
  /** `ttl` in milliseconds. */
  set(key: string, value: unknown, ttl?: number): Promise<boolean>;
  setMany(entries: { key: string; value: unknown; ttl?: number }[]): Promise<void>;
  delete(key: string): Promise<boolean>;
  deleteMany(keys: string[]): Promise<boolean>;
  has(key: string): Promise<boolean>;
  /** Removes the keys of the namespace; all where there is none. */
  clear(): Promise<void>;
  /** What there is, by pages. Keyv itself offers `iterator` for the stores that it knows by name alone. */
  iterator<Value>(namespace?: string): AsyncGenerator<[string, Value]>;
  disconnect(): Promise<void>;
  on(event: string, listener: (...args: unknown[]) => void): KeyvStore;
}

const NS_PER_MS = 1e6;

/**
 * A store for Keyv in a bucket of kvflow. What it keeps expires in NATS too, and is shared by all processes.
 * @example
 * const keyv = new Keyv({ store: keyvStore({ client: createClient({ url }), bucket: 'cache' }) });
 */
export function keyvStore(options: AdapterOptions): KeyvStore {
  const bucket = openBucket(options);
  const store: KeyvStore = {
    opts: { dialect: 'kvflow', url: `kvflow:${options.bucket}` },
    namespace: undefined,
    get: async key => read((await bucket.get(key))?.value),
    getMany: keys => Promise.all(keys.map(key => store.get(key))) as never,
    set: async (key, value, ttl) => {
      await bucket.put(key, {
        value: write(value),
        ...(ttl !== undefined && ttl > 0 && { ttl: lifetime(ttl) }),
      });
      return true;
    },
    setMany: async entries => {
      await Promise.all(entries.map(({ key, value, ttl }) => store.set(key, value, ttl)));
    },
    delete: key => bucket.remove(key),
    deleteMany: async keys => (await Promise.all(keys.map(key => bucket.remove(key)))).some(Boolean),
    has: async key => (await bucket.get(key)) !== undefined,
    clear: () => bucket.clear(below(store.namespace ?? '')),
    async *iterator(namespace = store.namespace) {
      for await (const { key, value } of bucket.keys(below(namespace ?? ''), true))
        yield [key, read(value)] as never;
    },
    disconnect: async () => undefined,
    // Failures are those of the calls; there is no connection that could fail by itself.
    on: () => store,
  };
  return store;
}

/** Keyv gives text; whoever uses the store by itself may give anything that is JSON. */
function write(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function read(value: unknown): never {
  return value as never;
}

/** Nanoseconds. Keyv looks at its own expiry as well. */
function lifetime(ttl: number): number {
  return Math.max(1, Math.ceil(ttl)) * NS_PER_MS;
}
