import type { KvQueueDeadListInput, KvQueueDeadListOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { findDead } from '../runtime/core/queue-dead.ts';

const PAGE = 100;

export default defineFunction<KvQueueDeadListInput, KvQueueDeadListOutput>({
  async run({ limit = PAGE, ...choice }, ctx) {
    const { items, cursor } = await findDead(ctx, { ...choice, limit });
    return {
      letters: items.map(({ entry: _entry, expiresAt, ...item }) => ({
        ...item,
        ...(expiresAt !== undefined && { expires_at: expiresAt }),
      })),
      ...(cursor !== undefined && { cursor }),
    };
  },
});
