import { randomUUID } from 'node:crypto';
import type { KvLockAcquireInput, KvLockAcquireOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { acquire } from '../runtime/core/lock.ts';

const LEASE = 30_000_000_000;

export default defineFunction<KvLockAcquireInput, KvLockAcquireOutput>({
  timeoutMs: 60_000,
  async run({ bucket, key, holder = randomUUID(), ttl = LEASE, wait = 0, limit = 1 }, ctx) {
    const request = { bucket, name: key, holder, ttl, limit };
    const outcome = await acquire(ctx, request, Date.now() + wait / 1e6);
    if (Array.isArray(outcome)) return { bucket, key, acquired: false, holder, held_by: outcome };
    const { fence, expiresAt } = outcome;
    return {
      bucket,
      key: outcome.key,
      acquired: true,
      holder,
      fence,
      ...(expiresAt && { expires_at: expiresAt }),
    };
  },
});
