import { describe, expect, test } from '@jest/globals';
import { isFailure } from '../../runtime/core/envelope.ts';
import { startKvflow } from '../support/kvflow.ts';
import { bucketOf, SECOND, startBucket } from './kv.ts';

describe('kv-key-put-many', () => {
  test('writes 1000 items and answers each in order', async () => {
    await using bucket = await startBucket('users');
    const items = Array.from({ length: 1_000 }, (_, index) => ({ key: `user.${index}`, value: { index } }));
    const answer = await bucket.putMany(items);
    expect(answer.failed).toBe(0);
    expect(answer.items.map(item => item.data?.key)).toEqual(items.map(item => item.key));
    expect(new Set(answer.items.map(item => item.data?.revision)).size).toBe(1_000);
    expect((await bucket.get('user.617')).value).toBe('{"index":617}');
  });

  test('keeps the order of items on one key', async () => {
    await using bucket = await startBucket('users', { history: 64 });
    const items = Array.from({ length: 300 }, (_, index) => ({ key: `k${index % 6}`, value: `v${index}` }));
    await bucket.putMany(items);
    for (let index = 0; index < 6; index++) {
      const mine = items.filter(item => item.key === `k${index}`).map(item => item.value);
      expect((await bucket.history(`k${index}`)).items.map(item => item.value)).toEqual(mine);
    }
  });

  test('an item that is refused does not stop the others', async () => {
    await using bucket = await startBucket('users', { max_value_size: 1_000 });
    const { items, failed } = await bucket.putMany([
      { key: 'a', value: 'x' },
      { key: 'no key', value: 'x' },
      { key: 'b', value: '!', encoding: 'base64' },
      { key: 'c', value: 'x'.repeat(2_000) },
      { key: 'a', value: 'y', expected_revision: 0 },
      { key: 'd', value: 'x', ttl: SECOND },
      { key: 'e', value: ['x'] },
    ]);
    expect(failed).toBe(5);
    expect(items.map(item => item.error?.code ?? item.status_code)).toEqual([
      200,
      'INVALID_INPUT',
      'INVALID_INPUT',
      'VALUE_TOO_LARGE',
      'REVISION_CONFLICT',
      'INVALID_INPUT',
      200,
    ]);
    expect(items[1]?.error?.errors).toMatchObject([{ pointer: '/key' }]);
    expect(items[4]?.error?.details).toEqual({ current_revision: 1 });
    expect((await bucket.get('e')).value).toBe('["x"]');
  });

  test('a second write on the same key may build on the first', async () => {
    await using bucket = await startBucket('users');
    const { failed } = await bucket.putMany([
      { key: 'a', value: '1', expected_revision: 0 },
      { key: 'a', value: '2', expected_revision: 1 },
    ]);
    expect(failed).toBe(0);
    expect((await bucket.get('a')).value).toBe('2');
  });

  test('faults in the shape of any item refuse the call, and nothing is written', async () => {
    await using bucket = await startBucket('users');
    const items = [{ key: 'a', value: 'x' }, { key: 'b', value: 7 }, { value: 'x' }];
    const error = await bucket.fail('kv-key-put-many', { items });
    expect(error.errors?.map(fault => fault.pointer)).toEqual(
      expect.arrayContaining(['/items/1/value', '/items/2/key']),
    );
    expect((await bucket.info()).last_seq).toBe(0);
  });

  test('says once that there is no bucket', async () => {
    await using k = await startKvflow();
    const items = [1, 2, 3].map(index => ({ key: `k${index}`, value: 'x' }));
    const error = await bucketOf(k, 'nowhere').fail('kv-key-put-many', { items });
    expect(error).toMatchObject({ code: 'BUCKET_NOT_FOUND', status_code: 404 });
  });

  test('does not send what its time is over for', async () => {
    await using bucket = await startBucket('users');
    await bucket.info();
    const items = Array.from({ length: 1_000 }, (_, index) => ({ key: `k${index}`, value: 'x' }));
    const answer = await bucket.kvflow.invoke(
      'kv-key-put-many',
      { bucket: 'users', items },
      { timeoutMs: 0 },
    );
    // What the bucket asks of values may be read anew first, for which there is no time either.
    if (isFailure(answer)) expect(answer.error).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
    else {
      const { items: ends } = answer.data as { items: { error?: { code: string } }[] };
      expect(new Set(ends.map(({ error }) => error?.code))).toEqual(new Set(['TIMEOUT']));
    }
    expect((await bucket.info()).last_seq).toBe(0);
  });
});
