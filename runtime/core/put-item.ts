import { invalidField } from '../../contract/errors.ts';
import type { KvKeyPutInput, KvKeyPutOutput } from '../../contract/types.gen.ts';
import type { FunctionContext } from './define-function.ts';
import { askedAbout } from './items.ts';
import type { KvTransactPut } from './ports/transactions.ts';
import type { KvPut, KvPutAnswer } from './ports/writes.ts';
import { toStored } from './values.ts';

/** An item as functions take it. */
export type AskedItem = Omit<KvKeyPutInput, 'bucket'>;

/** What an item asks to be put; throws INVALID_INPUT. */
export function toPut(item: AskedItem): KvTransactPut {
  const { key, value, encoding } = item;
  return withAsked<KvTransactPut>({ key, value: toStored(value, encoding) }, item);
}

/** Writes one item: all there is to kv-key-put. */
export async function putItem(
  ctx: FunctionContext,
  bucket: string,
  item: AskedItem,
): Promise<KvKeyPutOutput> {
  const put = withAsked<KvPut>({ bucket, key: item.key, value: toStored(item.value, item.encoding) }, item);
  if (item.at !== undefined || item.delay !== undefined) put.at = await dueAt(ctx, bucket, item);
  return answerOf(put, await ctx.kv.put(ctx, put));
}

/** The put itself, with what the item asks beside its value: most ask nothing. */
function withAsked<Put extends KvTransactPut>(put: Put, item: AskedItem): Put {
  const { ttl, expected_revision, content_type, metadata } = item;
  if (content_type !== undefined || metadata !== undefined) Object.assign(put, askedAbout(item));
  if (ttl !== undefined) put.ttl = ttl;
  if (expected_revision !== undefined) put.expectedRevision = expected_revision;
  return put;
}

function answerOf(
  { bucket, key }: KvPut,
  { revision, expiresAt, dueAt, waitsAs }: KvPutAnswer,
): KvKeyPutOutput {
  const answer: KvKeyPutOutput = { bucket, key, revision };
  if (expiresAt) answer.expires_at = expiresAt;
  if (dueAt && waitsAs) Object.assign(answer, { due_at: dueAt, waits_as: waitsAs });
  return answer;
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
