import { createHash } from 'node:crypto';
import { FETCH_BUCKET, OWN_BUCKETS } from '../../contract/own-buckets.ts';
import type { Call } from './call.ts';
import { isEntry } from './ports/items.ts';
import type { KvStore } from './ports/kv-store.ts';
import type { ScriptFetch, ScriptFetchRequest, ScriptFetchResponse } from './scripts.ts';
import { sharedOwnedBucket } from './state/owned-bucket.ts';

/** Whose answers are kept, and where. */
export interface FetchCache {
  kv: KvStore;
  call: Call;
  /** Answers of different namespaces never meet. */
  namespace: string;
}

const NS_PER_MS = 1_000_000;

/**
 * Keeps answers for as long as a request says (`ttlMs`): successful ones, of GET. A cache that cannot be read or written
 * is none, and no error of the script.
 */
export function cachedFetch(fetch: ScriptFetch, { kv, call, namespace }: FetchCache): ScriptFetch {
  const bucket = sharedOwnedBucket(kv, { name: FETCH_BUCKET, ...OWN_BUCKETS[FETCH_BUCKET] });

  async function read(key: string): Promise<ScriptFetchResponse | undefined> {
    const found = await kv.get(call, { bucket: FETCH_BUCKET, key });
    return isEntry(found)
      ? (JSON.parse(Buffer.from(found.value).toString('utf8')) as ScriptFetchResponse)
      : undefined;
  }
  async function write(key: string, response: ScriptFetchResponse, ttlMs: number): Promise<void> {
    const put = { bucket: FETCH_BUCKET, key, value: JSON.stringify(response), ttl: ttlMs * NS_PER_MS };
    await bucket.use(call, () => kv.put(call, put));
  }

  return async (request, signal) => {
    const { ttlMs, ...plain } = request;
    if (ttlMs === undefined || request.method !== 'GET') return await fetch(plain, signal);
    const key = keyOf(plain, namespace);
    const known = await read(key).catch(() => undefined);
    if (known) return known;
    const response = await fetch(plain, signal);
    if (response.status >= 200 && response.status < 300)
      await write(key, response, ttlMs).catch(() => undefined);
    return response;
  };
}

function keyOf({ url, headers }: ScriptFetchRequest, namespace: string): string {
  return createHash('sha256')
    .update(JSON.stringify([namespace, url, headers]))
    .digest('hex');
}
