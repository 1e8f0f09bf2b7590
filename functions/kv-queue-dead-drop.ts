import type { KvQueueDeadDropInput, KvQueueDeadDropOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { dropDead, findDead } from '../runtime/core/queue-dead.ts';

const PAGE = 1_000;

export default defineFunction<KvQueueDeadDropInput, KvQueueDeadDropOutput>({
  async run(choice, ctx) {
    const { items, cursor } = await findDead(ctx, { ...choice, limit: PAGE });
    const dropped = await dropDead(ctx, choice.bucket, items);
    return { dropped, more: cursor !== undefined, ...(cursor !== undefined && { cursor }) };
  },
});
