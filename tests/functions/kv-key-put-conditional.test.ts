import { expect, test } from '@jest/globals';
import { isFailure } from '../../runtime/core/envelope.ts';
import { calls } from '../support/calls.ts';
import { eventually } from '../support/eventually.ts';
import { startKvflow } from '../support/kvflow.ts';
import { startWithOfficial } from '../support/with-official.ts';

const bucket = 'b';

for (const history of [1, 5]) {
  test(`kv-key-put - history ${history}: expected_revision 0 writes where no live item is`, async () => {
    await using k = await startWithOfficial();
    await calls.create(k, { bucket, history, key_ttl: true });
    const kv = await k.official.kvm.open(bucket);
    for (const key of ['deleted', 'purged']) await kv.put(key, 'x');
    await kv.delete('deleted');
    await kv.purge('purged');
    await kv.create('expired', 'x', '1s');
    const marker = await eventually(async () => {
      const { last_seq } = (await calls.buckets(k, {})).buckets[0] ?? {};
      expect(last_seq).toBe(6);
      return last_seq;
    });
    expect(marker).toBe(6);
    for (const key of ['never', 'deleted', 'purged', 'expired']) {
      const { revision } = await calls.put(k, { bucket, key, value: 'mine', expected_revision: 0 });
      expect(await calls.get(k, { bucket, key })).toMatchObject({ value: 'mine', revision });
      const error = await k.fail('kv-key-put', { bucket, key, value: 'again', expected_revision: 0 });
      expect(error).toMatchObject({
        status_code: 409,
        code: 'REVISION_CONFLICT',
        retryable: false,
        details: { current_revision: revision },
      });
    }
  });
}

test('kv-key-put - writes on the current revision alone', async () => {
  await using k = await startKvflow();
  await calls.create(k, { bucket });
  const first = await calls.put(k, { bucket, key: 'a', value: '1' });
  await calls.put(k, { bucket, key: 'b', value: 'other' });
  const second = await calls.put(k, { bucket, key: 'a', value: '2', expected_revision: first.revision });
  for (const expected_revision of [first.revision, 2, 99]) {
    const error = await k.fail('kv-key-put', { bucket, key: 'a', value: 'x', expected_revision });
    expect(error).toMatchObject({
      code: 'REVISION_CONFLICT',
      details: { current_revision: second.revision },
    });
    expect(error.message).toContain(String(second.revision));
  }
  expect((await calls.get(k, { bucket, key: 'a' })).value).toBe('2');
});

test('kv-key-put - a revision of a key that is deleted or was never there conflicts with 0', async () => {
  await using k = await startWithOfficial();
  await calls.create(k, { bucket });
  const { revision } = await calls.put(k, { bucket, key: 'a', value: '1' });
  await (await k.official.kvm.open(bucket)).delete('a');
  const deleted = await k.fail('kv-key-put', { bucket, key: 'a', value: 'x', expected_revision: revision });
  expect(deleted).toMatchObject({ code: 'REVISION_CONFLICT', details: { current_revision: 0 } });
  expect(deleted.details?.deleted_at).toBeDefined();
  const never = await k.fail('kv-key-put', { bucket, key: 'never', value: 'x', expected_revision: 7 });
  expect(never).toMatchObject({ code: 'REVISION_CONFLICT', details: { current_revision: 0 } });
});

test('kv-key-put - of many writers that expect nothing one wins', async () => {
  await using k = await startWithOfficial();
  await calls.create(k, { bucket });
  await (await k.official.kvm.open(bucket)).delete('deleted');
  for (const key of ['new', 'deleted']) {
    const writes = Array.from({ length: 30 }, (_, i) =>
      k.invoke('kv-key-put', { bucket, key, value: String(i), expected_revision: 0 }),
    );
    const envelopes = await Promise.all(writes);
    const { value, revision } = await calls.get(k, { bucket, key });
    expect(envelopes.flatMap((each, i) => (isFailure(each) ? [] : [String(i)]))).toEqual([value]);
    for (const { error } of envelopes.filter(isFailure)) {
      expect(error).toMatchObject({ code: 'REVISION_CONFLICT', details: { current_revision: revision } });
    }
  }
});

test('kv-key-put - expected_revision 0 works at the very moment that a key expires', async () => {
  await using k = await startKvflow();
  // No markers: the server drops an expired key without a trace, now or a little later.
  await calls.create(k, { bucket, ttl: 100_000_000 });
  const tooEarly: unknown[] = [];
  const writer = async (key: string) => {
    for (let won = 0; won < 5; ) {
      const envelope = await k.invoke('kv-key-put', { bucket, key, value: 'x', expected_revision: 0 });
      if (!isFailure(envelope)) won += 1;
      else if (!(Number(envelope.error.details?.current_revision) > 0)) tooEarly.push(envelope.error);
    }
  };
  await Promise.all(Array.from({ length: 60 }, (_, i) => writer(`key.${i}`)));
  // Either the key is there, at a revision, or the write is made: nothing in between.
  expect(tooEarly).toEqual([]);
});
