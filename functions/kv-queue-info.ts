import type { KvQueueInfoInput, KvQueueInfoOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { count } from '../runtime/core/queue.ts';

export default defineFunction<KvQueueInfoInput, KvQueueInfoOutput>({
  async run({ bucket, queue }, ctx) {
    const { length, leased, dead, more } = await count(ctx, { bucket, queue });
    return { bucket, queue, length, free: length - leased, leased, dead, ...(more && { at_least: true }) };
  },
});
