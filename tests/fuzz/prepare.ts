import { isFailure } from '../../runtime/core/envelope.ts';
import type { TestKvflow } from '../support/kvflow.ts';
import { SCRIPT_IDS } from './names.ts';

const ITEMS: Record<string, string> = {
  n: '1',
  json: '{"a":{"b":1},"list":[1],"n":1}',
  list: '[1,2]',
  text: 'text',
  a: 'x',
  'a.b': 'y',
};
/** In memory: what a server writes to its disk is not what is looked for. */
const BUCKETS: Record<string, object | undefined> = {
  plain: { key_ttl: true },
  past: { history: 5, key_ttl: true },
  coded: { key_encoding: 'base64' },
  small: { max_bytes: 20_000, max_value_size: 100 },
};
const VERSIONS = ['return $', 'return { ...$, n: 1 }'];

/** What other calls may have changed. */
const UNCHANGED = { max_bytes: -1, max_value_size: -1, ttl: 0, value_schema: {}, republish: null };
/** Their names. */
export const PREPARED: readonly string[] = Object.keys(BUCKETS);
const CHANGE_BUCKETS = new Set(['kv-bucket-delete', 'kv-bucket-update']);

/** The bucket that is not what it was after a call that worked; undefined: none of those that are prepared. */
export function changedBy(name: string, input: unknown): string | undefined {
  const { bucket = '' } = input as { bucket?: string };
  return CHANGE_BUCKETS.has(name) && Object.hasOwn(BUCKETS, bucket) ? bucket : undefined;
}

/** Takes away what a call made that would be in the way of the next. */
export async function tidy(k: TestKvflow, name: string, input: unknown): Promise<void> {
  const { to: bucket } = input as { to?: string };
  if (name === 'kv-bucket-clone') await k.invoke('kv-bucket-delete', { bucket, confirm: bucket });
}

/** What calls meet from the start. */
export async function prepareOnce(k: TestKvflow): Promise<void> {
  for (const bucket of PREPARED) await prepareBucket(k, bucket);
  for (const script_id of SCRIPT_IDS) {
    for (const script of VERSIONS)
      await k.call('transform-script-put', { script_id, script, version_name: 'stable' });
  }
}

/** Makes a bucket what it was, and makes it again where it is gone. */
export async function prepareBucket(k: TestKvflow, bucket: string): Promise<void> {
  const options = BUCKETS[bucket];
  await k.invoke('kv-bucket-create', { bucket, storage: 'memory', ...options });
  await k.invoke('kv-bucket-update', { bucket, ...UNCHANGED, ...options });
  await putItems(k, bucket);
}

/** Items for the calls to meet; what else is there stays, and a bucket that is gone is made again. */
export async function prepareItems(k: TestKvflow, bucket: string): Promise<void> {
  const put = await putItems(k, bucket);
  if (isFailure(put) && put.error.code === 'BUCKET_NOT_FOUND') await prepareBucket(k, bucket);
}

async function putItems(k: TestKvflow, bucket: string) {
  const items = Object.entries(ITEMS).map(([key, value]) => ({ key, value }));
  return await k.invoke('kv-key-put-many', { bucket, items });
}
