import { expect, test } from '@jest/globals';
import type { BucketInfo } from '../../contract/types.gen.ts';
import { calls } from '../support/calls.ts';
import { eventually } from '../support/eventually.ts';
import type { TestKvflow } from '../support/kvflow.ts';
import { joinNats, startKvflow } from '../support/kvflow.ts';
import { jetStreamReady, startCluster } from '../support/topologies.ts';
import { whileAlive } from '../support/while-alive.ts';
import { startWithOfficial } from '../support/with-official.ts';

test('kv-bucket-list - 600 buckets are 600, sorted by name', async () => {
  await using k = await startKvflow();
  const names = Array.from({ length: 600 }, (_, i) => `b-${(i * 7919) % 600}`);
  await Promise.all(names.map(bucket => calls.create(k, { bucket, storage: 'memory' })));
  for (const bucket of ['b-3', 'b-599']) await calls.put(k, { bucket, key: 'a', value: 'x' });
  const { buckets, total } = await calls.buckets(k, {});
  expect(total).toBe(600);
  expect(buckets.map(({ bucket }) => bucket)).toEqual(names.sort());
  expect(buckets.filter(({ values }) => values === 1).map(({ bucket }) => bucket)).toEqual(['b-3', 'b-599']);
});

test('kv-bucket-list - an empty NATS has no buckets', async () => {
  await using k = await startKvflow();
  expect(await calls.buckets(k, {})).toEqual({ buckets: [], total: 0 });
});

test('kv-bucket-list - reads the options of a bucket that the official client made', async () => {
  await using k = await startWithOfficial();
  const kv = await k.official.kvm.create('made-elsewhere', {
    description: 'by nats.js',
    history: 7,
    ttl: 3_600_000,
    max_bytes: 1_000_000,
    maxValueSize: 2_000,
    compression: true,
    metadata: { team: 'growth' },
    republish: { src: '>', dest: 'copies.>', headers_only: true },
  });
  await kv.put('a', 'first');
  await kv.put('a', 'second');
  const { buckets } = await calls.buckets(k, {});
  expect(buckets).toMatchObject([
    {
      bucket: 'made-elsewhere',
      description: 'by nats.js',
      values: 1,
      history: 7,
      ttl: 3_600_000_000_000,
      max_bytes: 1_000_000,
      max_value_size: 2_000,
      storage: 'file',
      num_replicas: 1,
      compression: true,
      metadata: { team: 'growth' },
      republish: { source: '>', dest: 'copies.>', headers_only: true },
      key_ttl: false,
      key_encoding: 'none',
      last_seq: 2,
      read_only: false,
    },
  ]);
  // Nothing that servers and kvflow keep in the metadata for themselves.
  expect(buckets[0]?.metadata).toEqual({ team: 'growth' });
  expect(buckets[0]?.bytes).toBeGreaterThan(10);
});

test('kv-bucket-list - buckets as the nats CLI and the Go client make them are read and written', async () => {
  await using k = await startWithOfficial();
  await k.official.addStream(goBucket('plain', { subjects: ['$KV.plain.>'], max_msgs_per_subject: 5 }));
  await k.official.nc.request('$KV.plain.a.b', 'v1');
  await k.official.addStream(goBucket('copy', { mirror: { name: 'KV_plain' }, mirror_direct: true }));
  await k.official.addStream(
    goBucket('all', {
      subjects: ['$KV.all.>'],
      sources: [
        {
          name: 'KV_plain',
          subject_transforms: [{ src: '$KV.plain.>', dest: '$KV.all.>' }],
        },
      ],
    }),
  );
  // Very old clients left out nearly everything.
  await k.official.addStream({
    name: 'KV_bare',
    subjects: ['$KV.bare.>'],
    storage: 'memory',
    num_replicas: 1,
  });
  const listed = await eventually(async () => {
    const { buckets } = await calls.buckets(k, {});
    expect(buckets.map(({ bucket, values }) => [bucket, values])).toEqual([
      ['all', 1],
      ['bare', 0],
      ['copy', 1],
      ['plain', 1],
    ]);
    return byName(buckets);
  });
  expect(listed.copy).toMatchObject({ mirror: { name: 'plain' }, read_only: false });
  expect(listed.all).toMatchObject({ sources: [{ name: 'plain' }] });
  expect(listed.plain).toMatchObject({ history: 5 });
  expect(listed.bare).toMatchObject({ storage: 'memory', history: -1, max_bytes: -1, max_value_size: -1 });
  for (const bucket of ['plain', 'copy', 'all']) {
    expect(await calls.get(k, { bucket, key: 'a.b' })).toMatchObject({ value: 'v1' });
    expect((await calls.list(k, { bucket })).items).toMatchObject([{ key: 'a.b', value: 'v1' }]);
  }
  // No history limit and no direct get: still a bucket.
  await calls.put(k, { bucket: 'bare', key: 'a', value: 'old' });
  await calls.put(k, { bucket: 'bare', key: 'a', value: 'new' });
  expect((await calls.get(k, { bucket: 'bare', key: 'a' })).value).toBe('new');
  await calls.put(k, { bucket: 'bare', key: 'b', value: 'x' });
  expect((await calls.list(k, { bucket: 'bare', limit: 1 })).items).toMatchObject([
    { key: 'a', value: 'new' },
  ]);
  expect(byName((await calls.buckets(k, {})).buckets).bare?.values).toBe(2);
});

test('kv-bucket-list - a sealed bucket is read-only, and a write says so', async () => {
  await using k = await startWithOfficial();
  await calls.create(k, { bucket: 'b' });
  await calls.put(k, { bucket: 'b', key: 'a', value: 'x' });
  const config = { ...(await k.official.config('b')), sealed: true };
  await k.official.nc.request('$JS.API.STREAM.UPDATE.KV_b', JSON.stringify(config));
  expect((await calls.buckets(k, {})).buckets).toMatchObject([{ bucket: 'b', read_only: true, values: 1 }]);
  await eventually(async () => {
    const error = await k.fail('kv-key-put', { bucket: 'b', key: 'a', value: 'y' });
    expect(error).toMatchObject({ status_code: 409, code: 'IMMUTABLE' });
    expect(error.message).toContain('sealed');
  });
});

test('kv-bucket-list - a stream that is no bucket is not listed', async () => {
  await using k = await startWithOfficial();
  await calls.create(k, { bucket: 'real' });
  const plain = { storage: 'memory', num_replicas: 1 };
  await k.official.addStream({ ...plain, name: 'ORDERS', subjects: ['orders.>'] });
  await k.official.addStream({ ...plain, name: 'KV_orders', subjects: ['shop.>'] });
  await k.official.addStream({ ...plain, name: 'KV_other', subjects: ['$KV.another.>'] });
  await k.official.addStream({ ...plain, name: 'OBJ_files', subjects: ['$O.files.C.>', '$O.files.M.>'] });
  await k.official.addStream({ ...plain, name: 'KV_copy', mirror: { name: 'ORDERS' } });
  await k.official.addStream({ ...plain, name: 'XKV_b', subjects: ['$KV.b.>'] });
  const { buckets, total } = await calls.buckets(k, {});
  expect(buckets.map(({ bucket }) => bucket)).toEqual(['real']);
  expect(total).toBe(1);
});

for (const history of [1, 8]) {
  test(`kv-bucket-list - history ${history}: values counts live keys alone`, async () => {
    await using k = await startWithOfficial();
    await calls.create(k, { bucket: 'b', history, key_ttl: true });
    const kv = await k.official.kvm.open('b');
    for (let i = 0; i < 20; i++) await kv.put(`key.${i}`, 'x');
    for (let i = 0; i < 5; i++) await kv.put(`key.${i}`, 'again');
    for (let i = 5; i < 9; i++) await kv.delete(`key.${i}`);
    for (let i = 9; i < 12; i++) await kv.purge(`key.${i}`);
    await kv.put('key.9', 'back');
    await kv.create('brief', 'x', '1s');
    expect(await values(k)).toBe(15);
    await eventually(async () => expect(await values(k)).toBe(14));
    await kv.delete('key.0');
    expect(await values(k)).toBe(13);
    const info = await k.call('kv-bucket-info', { bucket: 'b' });
    expect(info).toMatchObject({ values: 13, markers: expect.any(Number) });
    expect(info).not.toHaveProperty('approximate');
    await eventually(async () =>
      expect(await k.call('kv-bucket-info', { bucket: 'b' })).toMatchObject({ markers: 7 }),
    );
    await k.call('kv-bucket-compact', { bucket: 'b' });
    expect(await k.call('kv-bucket-info', { bucket: 'b' })).toMatchObject({ values: 13, markers: 0 });
  });
}

test('kv-bucket-info - values of a bucket that is too large to be counted is said to be approximate', async () => {
  await using k = await startWithOfficial();
  await calls.create(k, { bucket: 'b', storage: 'memory' });
  await k.official.fill('b', 10_001, index => [`k${index}`, 'x']);
  await k.call('kv-key-delete', { bucket: 'b', key: 'k0' });
  const info = await k.call('kv-bucket-info', { bucket: 'b' });
  expect(info).toMatchObject({ values: 10_001, approximate: true });
  expect(info).not.toHaveProperty('markers');
});

test('kv-bucket-list - values falls when a whole bucket expires, with nothing written', async () => {
  await using k = await startKvflow();
  await whileAlive(500, async ms => {
    const bucket = `b${ms}`;
    await calls.create(k, { bucket, ttl: ms * 1e6 });
    for (const key of ['a', 'b']) await calls.put(k, { bucket, key, value: 'x' });
    const { buckets } = await calls.buckets(k, {});
    expect(buckets.find(info => info.bucket === bucket)?.values).toBe(2);
  });
  await eventually(async () => {
    const { buckets } = await calls.buckets(k, {});
    expect(buckets.filter(info => info.values !== 0)).toEqual([]);
  });
});

test('kv-bucket-list - an API key sees the buckets of its patterns alone', async () => {
  await using k = await startKvflow();
  for (const bucket of ['team-a', 'team-b', 'other', 'a-team-']) await calls.create(k, { bucket });
  const names = async (...patterns: string[]) => {
    const principal = { name: 'key', functions: ['*'], buckets: patterns, readOnly: true };
    const { buckets, total } = await calls.buckets(k, {}, { principal });
    expect(total).toBe(buckets.length);
    return buckets.map(({ bucket }) => bucket);
  };
  expect(await names('team-*')).toEqual(['team-a', 'team-b']);
  expect(await names('other', 'team-b')).toEqual(['other', 'team-b']);
  expect(await names('*-a')).toEqual(['team-a']);
  expect(await names('none')).toEqual([]);
  expect(await names()).toEqual([]);
  expect(await names('*')).toHaveLength(4);
});

test('kv-bucket-list - works while buckets come and go', async () => {
  await using k = await startWithOfficial();
  await calls.create(k, { bucket: 'stays' });
  let done = false;
  const churning = (async () => {
    for (let i = 0; !done; i++) {
      const made = Array.from({ length: 5 }, (_, n) => `b-${i}-${n}`);
      for (const bucket of made)
        await (await k.official.kvm.create(bucket, { storage: 'memory' })).put('a', 'x');
      for (const bucket of made) await k.official.jsm.streams.delete(`KV_${bucket}`);
    }
  })();
  for (let i = 0; i < 60; i++) {
    const { buckets } = await calls.buckets(k, {});
    expect(buckets.map(({ bucket }) => bucket)).toContain('stays');
  }
  done = true;
  await churning;
});

test('kv-bucket-list - a server of the cluster that is away does not hide or repeat buckets of the others, and its own are named', async () => {
  await using cluster = await startCluster(3);
  const [url = ''] = cluster.urls;
  await using k = await joinNats({ servers: [url] });
  const place = (node: number) => ({ placement: { tags: [`node:${node}`] } });
  await calls.create(k, { bucket: 'a-lost', ...place(2) });
  await calls.create(k, { bucket: 'b', ...place(1) });
  await calls.create(k, { bucket: 'c', num_replicas: 3 });
  await calls.create(k, { bucket: 'd', ...place(3) });
  for (const bucket of ['a-lost', 'b', 'c', 'd']) await calls.put(k, { bucket, key: 'a', value: 'x' });
  expect(byName((await calls.buckets(k, {})).buckets).c?.cluster?.replicas).toHaveLength(2);
  await cluster.servers[1]?.stop('SIGKILL');
  // It may have led the cluster, or a bucket: until another one does, nobody answers for them.
  await jetStreamReady(url);
  await eventually(() => calls.get(k, { bucket: 'c', key: 'a' }, { timeoutMs: 1_000 }), { within: 20_000 });
  const limited = (bucket: string) => ({ name: 'key', functions: ['*'], buckets: [bucket], readOnly: true });
  const visible = (bucket: string) => calls.buckets(k, {}, { principal: limited(bucket) });
  // At once: the cluster waits for seconds for each list that lacks something.
  const all = [calls.buckets(k, {}), visible('a-*'), visible('b')] as const;
  const [{ buckets, unavailable }, lost, there] = await Promise.all(all);
  expect(buckets.map(({ bucket, values: count }) => [bucket, count])).toEqual([
    ['b', 1],
    ['c', 1],
    ['d', 1],
  ]);
  expect(unavailable).toEqual(['a-lost']);
  expect(lost.unavailable).toEqual(['a-lost']);
  expect(there).not.toHaveProperty('unavailable');
  await cluster.servers[1]?.start();
  await eventually(async () => expect((await calls.buckets(k, {})).buckets).toHaveLength(4), {
    within: 20_000,
  });
  expect(await calls.buckets(k, {})).not.toHaveProperty('unavailable');
});

/** A bucket's stream with the fields that nats.go and the nats CLI send. */
function goBucket(bucket: string, more: Record<string, unknown>): Record<string, unknown> {
  return {
    name: `KV_${bucket}`,
    retention: 'limits',
    max_consumers: -1,
    max_msgs: -1,
    max_msgs_per_subject: 1,
    max_bytes: -1,
    max_msg_size: -1,
    max_age: 0,
    discard: 'new',
    storage: 'file',
    num_replicas: 1,
    duplicate_window: 120_000_000_000,
    deny_delete: true,
    allow_rollup_hdrs: true,
    allow_direct: true,
    ...more,
  };
}

function byName(buckets: BucketInfo[]): Record<string, BucketInfo | undefined> {
  return Object.fromEntries(buckets.map(info => [info.bucket, info]));
}

async function values(k: TestKvflow): Promise<number | undefined> {
  return (await calls.buckets(k, {})).buckets[0]?.values;
}
