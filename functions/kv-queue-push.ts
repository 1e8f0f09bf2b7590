import { randomUUID } from 'node:crypto';
import { stringifyExact } from '../contract/exact-json.ts';
import type { KvQueuePushInput, KvQueuePushOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { push } from '../runtime/core/queue.ts';
import { itemKey } from '../runtime/core/queue-items.ts';

export default defineFunction<KvQueuePushInput, KvQueuePushOutput>({
  async run({ bucket, queue, value, id = randomUUID(), delay = 0 }, ctx) {
    const text = typeof value === 'string' ? value : stringifyExact(value);
    const added = await push(ctx, { bucket, queue }, { id, value: text, delay });
    return { bucket, queue, id, added, key: itemKey(queue, id) };
  },
});
