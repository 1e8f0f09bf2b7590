import type { KvKeyPutInput, KvKeyPutOutput } from '../../contract/types.gen.ts';
import type { FunctionContext } from './define-function.ts';
import { askedAbout } from './items.ts';
import type { KvTransactPut } from './ports.ts';
import { toStored } from './values.ts';

/** An item as functions take it. */
export type AskedItem = Omit<KvKeyPutInput, 'bucket'>;

/** What an item asks to be put; throws INVALID_INPUT. */
export function toPut(item: AskedItem): KvTransactPut {
  const { key, value, encoding, ttl, expected_revision } = item;
  return {
    key,
    value: toStored(value, encoding),
    ...askedAbout(item),
    ...(ttl !== undefined && { ttl }),
    ...(expected_revision !== undefined && { expectedRevision: expected_revision }),
  };
}

/** Writes one item: all there is to kv-key-put. */
export async function putItem(
  ctx: FunctionContext,
  bucket: string,
  item: AskedItem,
): Promise<KvKeyPutOutput> {
  const { revision, expiresAt } = await ctx.kv.put(ctx, { bucket, ...toPut(item) });
  return { bucket, key: item.key, revision, ...(expiresAt && { expires_at: expiresAt }) };
}
