import type { KvLockRenewInput, KvLockRenewOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { renew } from '../runtime/core/lock.ts';

const LEASE = 30_000_000_000;

export default defineFunction<KvLockRenewInput, KvLockRenewOutput>({
  async run({ bucket, key, fence, ttl = LEASE }, ctx) {
    const held = await renew(ctx, { bucket, key, fence, ttl });
    if (!held) return { bucket, key, renewed: false };
    const { expiresAt } = held;
    return { bucket, key, renewed: true, fence: held.fence, ...(expiresAt && { expires_at: expiresAt }) };
  },
});
