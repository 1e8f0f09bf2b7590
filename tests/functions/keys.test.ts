import { expect, test } from '@jest/globals';
import { calls } from '../support/calls.ts';
import { startKvflow } from '../support/kvflow.ts';
import { connectOfficial } from '../support/official.ts';

const bucket = 'b';

for (const key of ['a', 'x'.repeat(1024), 'a.b.c', 'A-z/0_9=.x', '-', '=', '/a/', '1']) {
  test(`kv-key-put - takes the key ${key.slice(0, 12)} of ${key.length} bytes`, async () => {
    await using k = await startKvflow();
    await calls.create(k, { bucket });
    await calls.put(k, { bucket, key, value: 'x' });
    expect((await calls.get(k, { bucket, key })).key).toBe(key);
    expect((await calls.list(k, { bucket, filter: key })).items).toMatchObject([{ key, value: 'x' }]);
  });
}

const BAD_KEYS: Record<string, string> = {
  '': 'fewer than 1',
  ['x'.repeat(1025)]: '1024',
  '.a': 'empty token',
  'a.': 'empty token',
  'a..b': 'empty token',
  '.': 'empty token',
  'a b': 'characters',
  'a*': 'characters',
  '>': 'characters',
  'a.*': 'characters',
  'a:b': 'characters',
  über: 'characters',
  'a\nb': 'characters',
  'a\u0000': 'characters',
};

for (const [key, says] of Object.entries(BAD_KEYS)) {
  test(`kv-key-put - refuses the key ${JSON.stringify(key.slice(0, 12))} of ${key.length} and says why`, async () => {
    await using k = await startKvflow();
    await calls.create(k, { bucket });
    for (const [name, input] of [
      ['kv-key-put', { bucket, key, value: 'x' }],
      ['kv-key-get', { bucket, key }],
    ] as const) {
      const error = await k.fail(name, input);
      expect(error).toMatchObject({ status_code: 400, code: 'INVALID_INPUT' });
      expect(error.errors).toMatchObject([{ pointer: '/key' }]);
      expect(error.errors?.[0]?.message).toContain(says);
    }
    expect((await calls.buckets(k, {})).buckets).toMatchObject([{ last_seq: 0 }]);
  });
}

test('kv-key-put - a key with characters of its own is told the way to have them', async () => {
  await using k = await startKvflow();
  await calls.create(k, { bucket });
  const error = await k.fail('kv-key-put', { bucket, key: 'a b', value: 'x' });
  expect(error.message).toContain('key_encoding: "base64"');
});

test('kv-key-put - a base64 bucket takes any text of 1024 bytes as a key, stored as ADR-54 has it', async () => {
  await using k = await startKvflow();
  await using official = await connectOfficial(k.server.url);
  await calls.create(k, { bucket, key_encoding: 'base64' });
  const keys = ['a b', 'ü.東京.🦜', '*.>', 'a\u0000\n', '$KV.b.x', 'x'.repeat(1024), 'ü'.repeat(512)];
  for (const [i, key] of keys.entries()) {
    await calls.put(k, { bucket, key, value: `v${i}` });
    expect(await calls.get(k, { bucket, key })).toMatchObject({ key, value: `v${i}` });
  }
  expect((await calls.list(k, { bucket })).items.map(({ key }) => key)).toEqual(keys);
  const kv = await official.kvm.open(bucket);
  expect((await kv.get('w7w.5p2x5Lqs.8J-mnA'))?.string()).toBe('v1');
  for (const key of ['a..b', '.', 'a.', 'x'.repeat(1025), 'ü'.repeat(513)]) {
    const error = await k.fail('kv-key-put', { bucket, key, value: 'x' });
    expect(error).toMatchObject({ code: 'INVALID_INPUT', errors: [{ pointer: '/key' }] });
  }
});

test('kv-key-put - a missing bucket is told from a missing key, for a key at its limit too', async () => {
  await using k = await startKvflow();
  for (const key of ['a', 'x'.repeat(1024)]) {
    for (const [name, input] of [
      ['kv-key-put', { bucket: 'nowhere', key, value: 'x' }],
      ['kv-key-get', { bucket: 'nowhere', key }],
      ['kv-key-list', { bucket: 'nowhere', filter: key }],
    ] as const) {
      const error = await k.fail(name, input);
      expect(error).toMatchObject({ status_code: 404, code: 'BUCKET_NOT_FOUND', retryable: false });
      expect(error.message).toContain('nowhere');
    }
  }
});

test('kv-key-put - a stream that is no bucket is not written to', async () => {
  await using k = await startKvflow();
  await using official = await connectOfficial(k.server.url);
  await official.addStream({ name: 'KV_b', subjects: ['shop.>'], storage: 'memory', num_replicas: 1 });
  await official.nc.request('shop.orders.1', 'an order');
  for (const [name, input] of [
    ['kv-key-put', { bucket, key: 'a', value: 'x' }],
    ['kv-key-get', { bucket, key: 'a' }],
    ['kv-key-list', { bucket }],
  ] as const) {
    expect(await k.fail(name, input)).toMatchObject({ status_code: 404, code: 'BUCKET_NOT_FOUND' });
  }
});
