import type { KvQueueDeadReplayInput, KvQueueDeadReplayOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { findDead, pushAgain } from '../runtime/core/queue-dead.ts';

const PAGE = 100;

export default defineFunction<KvQueueDeadReplayInput, KvQueueDeadReplayOutput>({
  async run({ limit = PAGE, ...choice }, ctx) {
    const { items, cursor } = await findDead(ctx, { ...choice, limit });
    const { pushed, failures } = await pushAgain(ctx, choice.bucket, items);
    return {
      replayed: pushed,
      failed: failures.length,
      ...(failures.length > 0 && { failures }),
      more: cursor !== undefined,
      ...(cursor !== undefined && { cursor }),
    };
  },
});
