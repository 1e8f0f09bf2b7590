import { expect, test } from '@jest/globals';
import { joinNats, startKvflow } from '../support/kvflow.ts';
import { startWithOfficial } from '../support/with-official.ts';
import { bucketOf, startBucket } from './kv.ts';

test('kv-bucket-delete - deletes the bucket with everything in it', async () => {
  await using prefs = await startBucket('prefs');
  await prefs.put('a', '1');
  expect(await prefs.drop()).toEqual({ bucket: 'prefs', deleted: true });
  expect((await prefs.fail('kv-key-get', { key: 'a' })).code).toBe('BUCKET_NOT_FOUND');
  expect((await prefs.kvflow.call('kv-bucket-list', {})).total).toBe(0);
});

test('kv-bucket-delete - keeps the bucket unless its name is repeated', async () => {
  await using prefs = await startBucket('prefs');
  const error = await prefs.fail('kv-bucket-delete', { confirm: 'Prefs' });
  expect(error).toMatchObject({ code: 'INVALID_INPUT', errors: [{ pointer: '/confirm' }] });
  expect(error.message).toContain('"prefs"');
  await prefs.info();
});

test('kv-bucket-delete - leaves a stream that is no bucket alone', async () => {
  await using k = await startWithOfficial();
  await k.official.addStream({ name: 'KV_orders', subjects: ['orders.>'], storage: 'memory' });
  const error = await bucketOf(k, 'orders').fail('kv-bucket-delete', { confirm: 'orders' });
  expect(error.code).toBe('BUCKET_NOT_FOUND');
  expect((await k.official.config('orders')).subjects).toEqual(['orders.>']);
});

test('kv-bucket-delete - a bucket made again starts empty, for every process', async () => {
  await using k = await startKvflow();
  await using other = joinNats(k.joined);
  const [here, there] = [bucketOf(k, 'prefs'), bucketOf(other, 'prefs')];
  await here.create();
  await here.put('a', 'old');
  expect(await there.get('a')).toMatchObject({ value: 'old' });
  await here.drop();
  await here.create({ history: 5 });
  expect((await there.fail('kv-key-get', { key: 'a' })).code).toBe('KEY_NOT_FOUND');
  expect(await there.put('a', 'new')).toMatchObject({ revision: 1 });
});
