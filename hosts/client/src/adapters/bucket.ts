import type { Client } from '../index.ts';
import { fromKey, toKey } from './keys.ts';

/** Where an adapter keeps its items. */
export interface AdapterOptions {
  /** Of {@link createClient} of this package, or of `createKvflow` of kvflow itself. */
  client: AdapterClient;
  /** Made on first use, with keys that may expire. */
  bucket: string;
}

/** What of a client the adapters need. */
export type AdapterClient = Pick<Client, 'call'>;

/** A page of keys. */
const PAGE = 1_000;

/** A bucket that is there once the first call was made, and what adapters do with it. */
export function openBucket({ client, bucket }: AdapterOptions) {
  let making: Promise<unknown> | undefined;
  return { call, get, put, remove, clear, keys };

  /** Makes the bucket before the first call; one that is there is taken as it is. */
  async function call<T>(work: () => Promise<T>): Promise<T> {
    making ??= client.call('kv-bucket-create', { bucket, key_ttl: true }).catch(error => {
      // It has other options, or was made for a key that may not make any.
      if (['BUCKET_EXISTS', 'FORBIDDEN'].includes(String(codeOf(error)))) return;
      making = undefined;
      throw error;
    });
    await making;
    return await work();
  }

  async function get(key: string) {
    try {
      return await call(() => client.call('kv-key-get', { bucket, key: toKey(key) }));
    } catch (error) {
      if (codeOf(error) === 'KEY_NOT_FOUND') return undefined;
      throw error;
    }
  }

  async function put(key: string, item: { value: string; encoding?: 'base64'; ttl?: number }): Promise<void> {
    await call(() => client.call('kv-key-put', { bucket, key: toKey(key), ...item }));
  }

  async function remove(key: string): Promise<boolean> {
    return (await call(() => client.call('kv-key-delete', { bucket, key: toKey(key) }))).deleted;
  }

  async function clear(filter: string): Promise<void> {
    await call(() => client.call('kv-key-purge', { bucket, filter }));
  }

  async function* keys(filter: string, withValues: boolean) {
    let cursor: string | undefined;
    do {
      const page = await call(() =>
        client.call('kv-key-list', {
          bucket,
          filter,
          limit: PAGE,
          include_values: withValues,
          ...(cursor !== undefined && { cursor }),
        }),
      );
      for (const item of page.items) yield { ...item, key: fromKey(item.key) };
      cursor = page.has_more ? page.cursor : undefined;
    } while (cursor !== undefined);
  }
}

/** Code of a failure of kvflow. */
export function codeOf(error: unknown): unknown {
  return (error as { code?: unknown }).code;
}
