import { expect, test } from '@jest/globals';
import { startKvflow } from '../support/kvflow.ts';
import { bucketOf, startBucket } from './kv.ts';

test('kv-bucket-info - answers what kv-bucket-create and kv-bucket-list answer', async () => {
  await using k = await startKvflow();
  const prefs = bucketOf(k, 'prefs');
  const { created, ...made } = await prefs.create({
    history: 3,
    metadata: { team: 'growth' },
    compression: true,
  });
  expect(created).toBe(true);
  const info = await prefs.info();
  expect(info).toMatchObject(made);
  expect((await k.call('kv-bucket-list', {})).buckets).toEqual([info]);
});

test('kv-bucket-info - counts live keys, not deleted ones nor history', async () => {
  await using prefs = await startBucket('prefs', { history: 5 });
  await prefs.putMany(['a', 'b', 'c', 'a'].map(key => ({ key, value: 'x' })));
  await prefs.remove('b');
  expect(await prefs.info()).toMatchObject({ values: 2, last_seq: 5 });
});

test('kv-bucket-info - does not describe a stream that is no bucket', async () => {
  await using k = await startKvflow();
  expect(await k.fail('kv-bucket-info', { bucket: 'nowhere' })).toMatchObject({
    code: 'BUCKET_NOT_FOUND',
    status_code: 404,
  });
});
