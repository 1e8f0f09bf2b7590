import { PackError } from '../contract/errors.ts';
import type { KvKeyPutManyInput, KvKeyPutManyOutput, PutManyItem } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import type { Envelope } from '../runtime/core/envelope.ts';
import { failure, isFailure, success, toPackError } from '../runtime/core/envelope.ts';
import type { KvTransactPut } from '../runtime/core/ports/transactions.ts';
import type { KvPutAnswer } from '../runtime/core/ports/writes.ts';
import { toPut } from '../runtime/core/put-item.ts';

export default defineFunction<KvKeyPutManyInput, KvKeyPutManyOutput>({
  timeoutMs: 30_000,
  async run({ bucket, items }, ctx) {
    const puts = items.map(prepared);
    const stored = await ctx.kv.putMany(ctx, bucket, puts.filter(isPut));
    let next = 0;
    const answers = puts.map((put, index) => {
      const answer = put instanceof PackError ? put : stored[next++];
      return toEnvelope(bucket, items[index]?.key ?? '', answer);
    });
    return { items: answers as KvKeyPutManyOutput['items'], failed: answers.filter(isFailure).length };
  },
});

/** What an item asks for, or what is wrong with it. */
function prepared(item: PutManyItem): KvTransactPut | PackError {
  try {
    return toPut(item);
  } catch (thrown) {
    return toPackError(thrown);
  }
}

function isPut(put: KvTransactPut | PackError): put is KvTransactPut {
  return !(put instanceof PackError);
}

function toEnvelope(bucket: string, key: string, answer: KvPutAnswer | PackError | undefined): Envelope {
  // Putting the same item again does no harm, so that a TIMEOUT may be tried again.
  if (answer === undefined || answer instanceof PackError) return failure(toPackError(answer), true);
  const { revision, expiresAt } = answer;
  return success({ bucket, key, revision, ...(expiresAt && { expires_at: expiresAt }) });
}
