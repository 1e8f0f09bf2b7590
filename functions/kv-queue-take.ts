import type { KvQueueTakeInput, KvQueueTakeOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { take } from '../runtime/core/queue.ts';

const LEASE = 30_000_000_000;
const MAX_TRIES = 5;

export default defineFunction<KvQueueTakeInput, KvQueueTakeOutput>({
  async run({ bucket, queue, lease = LEASE, max_tries = MAX_TRIES }, ctx) {
    const item = await take(ctx, { bucket, queue }, { lease, maxTries: max_tries });
    if (!item) return { bucket, queue, taken: false };
    const { leaseEndsAt, ...taken } = item;
    return { bucket, queue, taken: true, ...taken, ...(leaseEndsAt && { lease_ends_at: leaseEndsAt }) };
  },
});
