import { PackError } from '../contract/errors.ts';
import type { KvKeyPutManyInput, KvKeyPutManyOutput, PutManyItem } from '../contract/types.gen.ts';
import type { FunctionContext } from '../runtime/core/define-function.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import type { Envelope } from '../runtime/core/envelope.ts';
import { failure, isFailure, success, toPackError } from '../runtime/core/envelope.ts';
import { pipelined } from '../runtime/core/pipeline.ts';
import { putItem } from '../runtime/core/put-item.ts';

const IN_FLIGHT = 256;

export default defineFunction<KvKeyPutManyInput, KvKeyPutManyOutput>({
  timeoutMs: 30_000,
  async run({ bucket, items }, ctx) {
    const answers: Envelope[] = new Array(items.length);
    await pipelined(byKey(items), IN_FLIGHT, async turns => {
      for (const { item, index } of turns) answers[index] = await put(ctx, bucket, item);
    });
    const failures = answers.filter(isFailure);
    const [first] = failures;
    // One answer says it better than a thousand that are all the same.
    if (first && failures.length === items.length && failures.every(isNoBucket)) {
      throw new PackError('BUCKET_NOT_FOUND', first.error.message);
    }
    return { items: answers as KvKeyPutManyOutput['items'], failed: failures.length };
  },
});

interface Turn {
  item: PutManyItem;
  index: number;
}

/** Items on one key wait for one another; all others run side by side. */
function byKey(items: PutManyItem[]): Turn[][] {
  const groups = new Map<string, Turn[]>();
  items.forEach((item, index) => {
    const group = groups.get(item.key);
    if (group) group.push({ item, index });
    else groups.set(item.key, [{ item, index }]);
  });
  return [...groups.values()];
}

async function put(ctx: FunctionContext, bucket: string, item: PutManyItem): Promise<Envelope> {
  try {
    if (Date.now() >= ctx.deadline) throw neverTried();
    return success(await putItem(ctx, bucket, item));
  } catch (thrown) {
    // Putting the same item again does no harm, so that a TIMEOUT may be tried again.
    return failure(toPackError(thrown), true);
  }
}

function neverTried(): PackError {
  return new PackError(
    'TIMEOUT',
    'Time ran out before the turn of this item; it was not written. Put it again.',
  );
}

function isNoBucket(envelope: Envelope): boolean {
  return isFailure(envelope) && envelope.error.code === 'BUCKET_NOT_FOUND';
}
