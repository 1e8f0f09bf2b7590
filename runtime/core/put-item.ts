import { invalidField } from '../../contract/errors.ts';
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
  const at = await dueAt(ctx, bucket, item);
  const put = { bucket, ...toPut(item), ...(at !== undefined && { at }) };
  const { revision, expiresAt, dueAt: due_at, waitsAs } = await ctx.kv.put(ctx, put);
  return {
    bucket,
    key: item.key,
    revision,
    ...(expiresAt && { expires_at: expiresAt }),
    ...(due_at && waitsAs && { due_at, waits_as: waitsAs }),
  };
}

/** Milliseconds since 1970; undefined: now. */
async function dueAt(
  ctx: FunctionContext,
  bucket: string,
  { at, delay }: AskedItem,
): Promise<number | undefined> {
  if (at === undefined) return delay && Math.round((await ctx.kv.now(ctx, bucket)) + delay / 1e6);
  if (delay !== undefined) throw invalidField('/delay', 'give at or delay, one of them');
  return Date.parse(at);
}
