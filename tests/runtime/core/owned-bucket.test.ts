import { expect, test } from '@jest/globals';
import { PackError } from '../../../contract/errors.ts';
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

test('a bucket of ours that others made and delete while it is looked at is made again, and is never their mistake', async () => {
  let left = 2;
  const gone = async () => {
    left -= 1;
    throw new PackError('BUCKET_NOT_FOUND', 'There is no bucket "ours".');
  };
  const kv = {
    createBucket: async () => {
      if (left > 0) throw new PackError('BUCKET_EXISTS', 'There is a bucket "ours".');
      return { created: true, info: { created_at: 'then' } };
    },
    bucketInfo: async () => (left > 1 ? await gone() : { bucket: 'ours', history: 5, transactions: true }),
    updateBucket: gone,
  } as never as BucketStore;
  const owned = () => ownedBucket(kv, { name: 'ours', options: {}, needs: { history: 1 } });
  const soon = { deadline: Date.now() + 10_000 };
  expect(await owned().ready(soon)).toBe('then');
  expect(left).toBe(0);
  left = Number.POSITIVE_INFINITY;
  await expect(owned().ready(soon)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});
