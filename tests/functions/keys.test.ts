import { expect, test } from '@jest/globals';
import { Base64KeyCodec, NoopKvCodecs } from '@nats-io/kv';
import { calls } from '../support/calls.ts';
import { eventually } from '../support/eventually.ts';
import { startKvflow } from '../support/kvflow.ts';
import { soon } from '../support/soon.ts';
import { startWithOfficial } from '../support/with-official.ts';
import { madeBucket, SECOND } from './kv.ts';

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
  await using k = await startWithOfficial();
  await calls.create(k, { bucket, key_encoding: 'base64' });
  const keys = ['a b', 'ü.東京.🦜', '*.>', 'a\u0000\n', '$KV.b.x', 'x'.repeat(1024), 'ü'.repeat(512)];
  for (const [i, key] of keys.entries()) {
    await calls.put(k, { bucket, key, value: `v${i}` });
    expect(await calls.get(k, { bucket, key })).toMatchObject({ key, value: `v${i}` });
  }
  expect((await calls.list(k, { bucket })).items.map(({ key }) => key)).toEqual(keys);
  const kv = await k.official.kvm.open(bucket);
  expect((await kv.get('w7w.5p2x5Lqs.8J-mnA'))?.string()).toBe('v1');
  // What others put without the encoding is shown as it is stored.
  await kv.put('a', 'x');
  await kv.put('plain/key', 'x');
  const all = (await calls.list(k, { bucket })).items.map(({ key }) => key);
  expect(all).toEqual([...keys, 'a', 'plain/key']);
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
  await using k = await startWithOfficial();
  await k.official.addStream({ name: 'KV_b', subjects: ['shop.>'], storage: 'memory', num_replicas: 1 });
  await k.official.nc.request('shop.orders.1', 'an order');
  for (const [name, input] of [
    ['kv-key-put', { bucket, key: 'a', value: 'x' }],
    ['kv-key-get', { bucket, key: 'a' }],
    ['kv-key-list', { bucket }],
  ] as const) {
    expect(await k.fail(name, input)).toMatchObject({ status_code: 404, code: 'BUCKET_NOT_FOUND' });
  }
});

test('keys - of a base64 bucket are found by every filter, whichever client wrote them', async () => {
  await using k = await startWithOfficial();
  const items = await madeBucket(k, 'mixed', { key_encoding: 'base64', history: 5 });
  const codec = { key: Base64KeyCodec(), value: NoopKvCodecs().value };
  const padded = await k.official.kvm.open('mixed', { codec });
  const plain = await k.official.kvm.open('mixed');
  const write = async (name: string) => {
    await items.put(`user.${name}`, 'ours');
    await padded.put(`user.${name} p`, 'theirs');
    await plain.put(`user.${name}-x`, 'plain');
    await items.put(`other.${name}`, 'ours');
    await padded.put(`other.${name} p`, 'theirs');
  };
  for (const name of ['a', 'b', 'c']) await write(name);
  await padded.delete('user.c p');
  await items.put('user.b p', 'again');
  const filter = 'user.*';
  const live = ['a', 'a p', 'a-x', 'b', 'b p', 'b-x', 'c', 'c-x'].map(name => `user.${name}`);
  const keysOf = (found: readonly { key?: string }[]) => [...new Set(found.map(({ key }) => key))].sort();
  const call = async (name: string, input: object) =>
    (await k.call(name, { bucket: 'mixed', filter, ...input })) as unknown as Record<
      string,
      { key: string }[]
    >;
  expect(keysOf((await items.list({ filter, include_values: false })).items)).toEqual(live);
  const pages: { key: string }[] = [];
  for (let from: object = {}; ; ) {
    const { items: page, has_more, cursor } = await items.list({ filter, limit: 2, ...from });
    pages.push(...page);
    if (!has_more) break;
    from = { cursor };
  }
  expect(pages.map(({ key }) => key).toSorted()).toEqual(live);
  expect(keysOf((await items.list({ filter, deleted: true })).items)).toEqual(['user.c p']);
  expect(keysOf((await items.export({ filter })).records)).toEqual(live);
  const kept = [...live, 'user.c p'].toSorted();
  expect(keysOf((await items.export({ filter, history: true })).records)).toEqual(kept);
  expect(keysOf((await call('kv-key-history', {})).items ?? [])).toEqual(kept);
  expect(keysOf((await call('kv-bucket-changes', {})).changes ?? [])).toEqual(kept);
  expect(keysOf((await call('kv-key-find', { query: 'user' })).items ?? [])).toEqual(live);
  expect(await k.nats.kv.keys(soon(), 'mixed', filter)).toEqual(kept);
  expect(await call('kv-bucket-usage', {})).toMatchObject({
    groups: [{ prefix: 'user.', keys: live.length, markers: 1 }],
  });
  expect(await items.purge({ filter, dry_run: true })).toMatchObject({ matched: live.length });
  expect(await items.purge({ filter })).toMatchObject({ purged: live.length });
  expect((await items.list({ filter })).items).toEqual([]);
  expect((await items.list()).items).toHaveLength(6);
  expect(await k.call('kv-bucket-compact', { bucket: 'mixed', filter })).toMatchObject({
    dropped: live.length,
  });
});

test('keys - of a base64 bucket take no more requests to read than others', async () => {
  await using k = await startWithOfficial();
  for (const key_encoding of ['none', 'base64'])
    await k.call('kv-bucket-create', { bucket: key_encoding, key_encoding });
  const asked: Record<string, number> = { KV_none: 0, KV_base64: 0, KV_last: 0 };
  k.official.nc.subscribe('$JS.API.DIRECT.GET.>', {
    callback: (_error, { subject }) => {
      const stream = subject.split('.')[4] ?? '';
      asked[stream] = (asked[stream] ?? 0) + 1;
    },
  });
  await k.official.nc.flush();
  for (const bucket of ['base64', 'none']) {
    await k.call('kv-key-put', { bucket, key: 'a', value: 'x' });
    asked[`KV_${bucket}`] = 0;
  }
  for (const bucket of ['base64', 'none']) {
    for (let round = 0; round < 5; round++) await k.call('kv-key-get', { bucket, key: 'a' });
  }
  // One connection's requests are heard in their order.
  await eventually(async () => expect(asked.KV_none).toBe(5));
  expect(asked.KV_base64).toBe(5);
});

test('keys - of a base64 bucket are one key each, whichever client wrote them, and plain ones are what they are', async () => {
  await using k = await startWithOfficial();
  const items = await madeBucket(k, 'mixed', { key_encoding: 'base64', key_ttl: true, history: 3 });
  const codec = { key: Base64KeyCodec(), value: NoopKvCodecs().value };
  const padded = await k.official.kvm.open('mixed', { codec });
  const plain = await k.official.kvm.open('mixed');
  const keys = ["it's", 'a', 'ab', 'abc', 'x.yy.zzz', 'a??b', 'user 1'];
  for (const key of keys) await padded.put(key, 'theirs');
  for (const key of ['plain.key', '1', 'user']) await plain.put(key, 'theirs');
  const all = [...keys, 'plain.key', '1', 'user'];
  const listed = async () => (await items.list()).items.map(({ key }) => key).sort();
  expect(await listed()).toEqual([...all].sort());
  expect((await items.getMany(all)).items.map(({ value }) => value)).toEqual(all.map(() => 'theirs'));
  for (const key of all) {
    const got = await items.get(key);
    expect([key, got.value]).toEqual([key, 'theirs']);
    await items.put(key, 'ours', { expected_revision: got.revision });
    expect((await items.history(key)).items).toHaveLength(2);
  }
  expect(await padded.get("it's").then(found => found?.string())).toBe('ours');
  expect(await plain.get('plain.key').then(found => found?.string())).toBe('ours');
  // Written by both: what came last is what there is.
  await items.put("it's new", 'ours');
  await padded.put("it's new", 'theirs');
  expect(await items.get("it's new")).toMatchObject({ value: 'theirs' });
  const two = (await items.list({ filter: '>' })).items.filter(({ key }) => key === "it's new");
  expect(two).toMatchObject([{ value: 'theirs' }]);
  await items.remove("it's new");
  expect((await items.fail('kv-key-get', { key: "it's new" })).code).toBe('KEY_NOT_FOUND');
  expect(await listed()).toEqual([...all].sort());
  expect((await items.list({ deleted: true })).items.map(({ key }) => key)).toEqual(["it's new"]);
  // Each change by its own way.
  await padded.put('n 1', '1');
  await items.increment('n 1');
  await items.putMany([{ key: 'n 1', value: '7' }]);
  await items.transact([{ op: 'increment', key: 'n 1' }]);
  await items.touch('n 1', { ttl: 60 * SECOND });
  expect(await padded.get('n 1').then(found => found?.string())).toBe('8');
  expect(await listed()).toEqual([...all, 'n 1'].sort());
  await items.purge({ key: 'n 1' });
  expect(await padded.get('n 1').then(found => found?.operation)).toBe('PURGE');
  expect((await items.export()).records).toHaveLength(all.length);
});
