import type { KvQueueDoneInput, KvQueueDoneOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { done } from '../runtime/core/queue.ts';

export default defineFunction<KvQueueDoneInput, KvQueueDoneOutput>({
  run: async ({ bucket, queue, id, receipt }, ctx) => ({
    bucket,
    queue,
    id,
    done: await done(ctx, { bucket, queue }, { id, receipt }),
  }),
});
