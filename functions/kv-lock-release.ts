import type { KvLockReleaseInput, KvLockReleaseOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { release } from '../runtime/core/lock.ts';

export default defineFunction<KvLockReleaseInput, KvLockReleaseOutput>({
  run: async ({ bucket, key, fence }, ctx) => ({
    bucket,
    key,
    released: await release(ctx, { bucket, key, fence }),
  }),
});
