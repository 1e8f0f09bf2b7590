import type { KvKeyPutInput, KvKeyPutOutput } from '../../contract/types.gen.ts';
import type { FunctionContext } from './define-function.ts';
import { toStored } from './values.ts';

/** Writes one item: all there is to kv-key-put, and to each item of kv-key-put-many. */
export async function putItem(
  ctx: FunctionContext,
  bucket: string,
  item: Omit<KvKeyPutInput, 'bucket'>,
): Promise<KvKeyPutOutput> {
  const { key, value, encoding, ttl, expected_revision } = item;
  const { revision, expiresAt } = await ctx.kv.put(ctx, {
    bucket,
    key,
    value: toStored(value, encoding),
    ...(ttl !== undefined && { ttl }),
    ...(expected_revision !== undefined && { expectedRevision: expected_revision }),
  });
  return { bucket, key, revision, ...(expiresAt && { expires_at: expiresAt }) };
}
