import { expect, test } from '@jest/globals';
import type { BucketStore } from '../../../runtime/core/state/owned-bucket.ts';
import { ownedBucket } from '../../../runtime/core/state/owned-bucket.ts';

test('a bucket of ours that is being made - the deadline of one call is no other call’s', async () => {
  const made = Promise.withResolvers<string>();
  const deadlines: number[] = [];
  const kv = {
    createBucket: async ({ deadline }: { deadline: number }) => {
      deadlines.push(deadline);
      return { created: true, info: { created_at: await made.promise } };
    },
  } as never as BucketStore;
  const owned = ownedBucket(kv, { name: 'ours', options: {}, needs: {} });
  const impatient = owned.ready({ deadline: Date.now() });
  const patient = owned.ready({ deadline: Date.now() + 60_000 });
  await expect(impatient).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(deadlines[0]).toBeGreaterThan(Date.now());
  made.resolve('then');
  expect(await patient).toBe('then');
  // What is known is told to whoever has no time left, too.
  expect(await owned.ready({ deadline: 0 })).toBe('then');
  expect(deadlines).toHaveLength(1);
});
