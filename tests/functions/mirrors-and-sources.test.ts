import { expect, test } from '@jest/globals';
import { calls, listAll, pairs } from '../support/calls.ts';
import { eventually } from '../support/eventually.ts';
import type { TestKvflow } from '../support/kvflow.ts';
import { joinNats, startKvflow } from '../support/kvflow.ts';
import { connectOfficial } from '../support/official.ts';
import { startCluster } from '../support/topologies.ts';
import { whileAlive } from '../support/while-alive.ts';
import { startWithOfficial } from '../support/with-official.ts';

test('mirror - reads its origin’s keys and writes go to the origin', async () => {
  await using k = await startKvflow();
  await calls.create(k, { bucket: 'origin', history: 4 });
  await calls.put(k, { bucket: 'origin', key: 'a.b', value: '1' });
  await calls.create(k, { bucket: 'copy', mirror: { name: 'origin' }, history: 4 });
  await value(k, 'copy', 'a.b', '1');
  const { revision } = await calls.put(k, { bucket: 'copy', key: 'a.b', value: '2' });
  expect(revision).toBe(2);
  await value(k, 'origin', 'a.b', '2');
  await value(k, 'copy', 'a.b', '2');
  expect((await calls.get(k, { bucket: 'copy', key: 'a.b', revision: 1 })).value).toBe('1');
  for (const filter of ['>', 'a.*', 'a.b']) {
    expect(pairs(await listAll(k, { bucket: 'copy', filter }))).toEqual([['a.b', '2']]);
  }
  const { buckets } = await calls.buckets(k, {});
  expect(buckets).toMatchObject([
    { bucket: 'copy', mirror: { name: 'origin' }, values: 1, read_only: false },
    { bucket: 'origin', values: 1 },
  ]);
});

test('mirror - lists many pages, among deleted keys', async () => {
  await using k = await startWithOfficial();
  await calls.create(k, { bucket: 'origin' });
  await calls.create(k, { bucket: 'copy', mirror: { name: 'origin' } });
  await k.official.fill('origin', 500, i => [`key.${i % 400}`, `v${i}`]);
  const kv = await k.official.kvm.open('origin');
  for (let i = 0; i < 400; i += 4) await kv.delete(`key.${i}`);
  const expected = pairs(await listAll(k, { bucket: 'origin' }));
  expect(expected).toHaveLength(300);
  await eventually(async () => {
    expect(pairs(await listAll(k, { bucket: 'copy', limit: 30 }))).toEqual(expected);
  });
});

test('mirror - compare-and-set goes by the origin, however far behind the mirror is', async () => {
  await using k = await startKvflow();
  await calls.create(k, { bucket: 'origin' });
  await calls.create(k, { bucket: 'copy', mirror: { name: 'origin' } });
  for (let i = 0; i < 30; i++) {
    const key = `key.${i}`;
    const { revision } = await calls.put(k, { bucket: 'copy', key, value: '1', expected_revision: 0 });
    const next = await calls.put(k, { bucket: 'copy', key, value: '2', expected_revision: revision });
    const error = await k.fail('kv-key-put', {
      bucket: 'copy',
      key,
      value: 'x',
      expected_revision: revision,
    });
    expect(error).toMatchObject({ code: 'REVISION_CONFLICT', details: { current_revision: next.revision } });
    const again = await k.fail('kv-key-put', { bucket: 'copy', key, value: 'x', expected_revision: 0 });
    expect(again).toMatchObject({ code: 'REVISION_CONFLICT', details: { current_revision: next.revision } });
  }
});

test('mirror - of a mirror reads and writes the first origin', async () => {
  await using k = await startKvflow();
  await calls.create(k, { bucket: 'first' });
  await calls.create(k, { bucket: 'second', mirror: { name: 'first' } });
  await calls.create(k, { bucket: 'third', mirror: { name: 'second' } });
  await calls.put(k, { bucket: 'third', key: 'a', value: 'x', expected_revision: 0 });
  for (const bucket of ['first', 'second', 'third']) await value(k, bucket, 'a', 'x');
  expect(pairs(await listAll(k, { bucket: 'third', filter: 'a' }))).toEqual([['a', 'x']]);
});

test('mirror - the limits and ttl rules of the origin hold', async () => {
  await using k = await startKvflow();
  await calls.create(k, { bucket: 'origin', max_value_size: 400, key_ttl: true });
  await calls.create(k, { bucket: 'copy', mirror: { name: 'origin' } });
  const large = await k.fail('kv-key-put', { bucket: 'copy', key: 'a', value: 'x'.repeat(401) });
  expect(large).toMatchObject({ code: 'VALUE_TOO_LARGE', details: { max_value_size: 400 } });
  const key = await whileAlive(400, async ms => {
    const key = `a.${ms}`;
    await calls.put(k, { bucket: 'copy', key, value: 'x', ttl: ms * 1e6 });
    await value(k, 'copy', key, 'x', ms);
    return key;
  });
  await eventually(async () => {
    expect((await k.fail('kv-key-get', { bucket: 'copy', key })).code).toBe('KEY_NOT_FOUND');
  });
  expect((await calls.list(k, { bucket: 'copy' })).items).toEqual([]);
});

test('mirror - that renames keys reads them under the new name and refuses writes', async () => {
  await using k = await startKvflow();
  await calls.create(k, { bucket: 'origin' });
  const subject_transforms = [{ src: 'user.*', dest: 'person.{{wildcard(1)}}' }];
  await calls.create(k, { bucket: 'copy', mirror: { name: 'origin', subject_transforms } });
  await calls.put(k, { bucket: 'origin', key: 'user.1', value: 'x' });
  await value(k, 'copy', 'person.1', 'x');
  expect(pairs(await listAll(k, { bucket: 'copy' }))).toEqual([['person.1', 'x']]);
  const error = await k.fail('kv-key-put', { bucket: 'copy', key: 'person.1', value: 'y' });
  expect(error).toMatchObject({ status_code: 501, code: 'UNSUPPORTED', retryable: false });
  expect(error.message).toContain('origin');
});

test('mirror - of a bucket with base64 keys reads and writes them decoded', async () => {
  await using k = await startKvflow();
  await calls.create(k, { bucket: 'origin', key_encoding: 'base64' });
  const made = await calls.create(k, { bucket: 'copy', mirror: { name: 'origin' } });
  expect(made.key_encoding).toBe('base64');
  await calls.put(k, { bucket: 'copy', key: 'ü b.🦜', value: 'x' });
  await value(k, 'origin', 'ü b.🦜', 'x');
  await value(k, 'copy', 'ü b.🦜', 'x');
  expect(pairs(await listAll(k, { bucket: 'copy', filter: 'ü b.*' }))).toEqual([['ü b.🦜', 'x']]);
});

test('mirror - of a bucket that is not there yet says so on writes and follows once it is', async () => {
  await using k = await startKvflow();
  await calls.create(k, { bucket: 'copy', mirror: { name: 'later' } });
  const error = await k.fail('kv-key-put', { bucket: 'copy', key: 'a', value: 'x' });
  expect(error).toMatchObject({ status_code: 503, code: 'UNAVAILABLE', retryable: true });
  expect(error.message).toContain('origin');
  expect((await calls.list(k, { bucket: 'copy' })).items).toEqual([]);
  await calls.create(k, { bucket: 'later' });
  await calls.put(k, { bucket: 'copy', key: 'a', value: 'x' });
  await value(k, 'copy', 'a', 'x', 25_000);
});

test('mirror - made by another client is not asked in its origin’s place', async () => {
  await using cluster = await startCluster(2);
  const [first = '', second = ''] = cluster.urls;
  await using k = joinNats({ servers: [first] });
  await using far = joinNats({ servers: [second] });
  await using official = await connectOfficial(first);
  await calls.create(k, { bucket: 'b', placement: { tags: ['node:1'] } });
  // As nats.go makes mirrors: mirror_direct answers the origin's reads on the mirror's server, a little late.
  await official.addStream({
    name: 'KV_copy',
    mirror: { name: 'KV_b' },
    mirror_direct: true,
    allow_direct: true,
    max_msgs_per_subject: 1,
    storage: 'file',
    num_replicas: 1,
    placement: { tags: ['node:2'] },
  });
  let stale = 0;
  for (let i = 0; i < 400; i++) {
    await calls.put(k, { bucket: 'b', key: 'a', value: String(i) });
    if ((await calls.get(i % 2 ? k : far, { bucket: 'b', key: 'a' })).value !== String(i)) stale += 1;
  }
  expect(stale).toBe(0);
});

test('sources - keys of two buckets show under the own name, own writes stay', async () => {
  await using k = await startKvflow();
  for (const bucket of ['eu', 'us']) await calls.create(k, { bucket });
  await calls.create(k, { bucket: 'all', sources: [{ name: 'eu' }, { name: 'us' }], history: 3 });
  await calls.put(k, { bucket: 'eu', key: 'order.1', value: 'from eu' });
  await calls.put(k, { bucket: 'us', key: 'order.2', value: 'from us' });
  await calls.put(k, { bucket: 'all', key: 'own', value: 'mine' });
  const expected = [
    ['order.1', 'from eu'],
    ['order.2', 'from us'],
    ['own', 'mine'],
  ];
  await eventually(async () => {
    expect(pairs(await listAll(k, { bucket: 'all', limit: 1 }))).toEqual(expected);
  });
  await value(k, 'all', 'order.1', 'from eu');
  expect(pairs(await listAll(k, { bucket: 'all', filter: 'order.*' }))).toHaveLength(2);
  expect((await k.fail('kv-key-get', { bucket: 'eu', key: 'own' })).code).toBe('KEY_NOT_FOUND');
  // A write of its own replaces what came from elsewhere, there alone.
  await calls.put(k, { bucket: 'all', key: 'order.1', value: 'changed here' });
  await value(k, 'all', 'order.1', 'changed here');
  await value(k, 'eu', 'order.1', 'from eu');
});

test('sources - a key deleted at its source is gone here too', async () => {
  await using k = await startWithOfficial();
  await calls.create(k, { bucket: 'eu' });
  await calls.create(k, { bucket: 'all', sources: [{ name: 'eu' }] });
  await calls.put(k, { bucket: 'eu', key: 'a', value: 'x' });
  await value(k, 'all', 'a', 'x');
  await (await k.official.kvm.open('eu')).delete('a');
  await eventually(async () => {
    expect((await k.fail('kv-key-get', { bucket: 'all', key: 'a' })).details).toMatchObject({
      operation: 'delete',
    });
  });
  expect((await calls.list(k, { bucket: 'all' })).items).toEqual([]);
});

async function value(k: TestKvflow, bucket: string, key: string, expected: string, within = 10_000) {
  await eventually(async () => expect((await calls.get(k, { bucket, key })).value).toBe(expected), {
    within,
  });
}
