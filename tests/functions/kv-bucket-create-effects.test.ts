import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { calls, pairs } from '../support/calls.ts';
import { eventually } from '../support/eventually.ts';
import type { TestKvflow } from '../support/kvflow.ts';
import { joinNats, startKvflow, startWithServer } from '../support/kvflow.ts';
import { connectOfficial } from '../support/official.ts';
import { startCluster } from '../support/topologies.ts';
import { whileAlive } from '../support/while-alive.ts';
import { startWithOfficial } from '../support/with-official.ts';

test('kv-bucket-create - ttl: items expire', async () => {
  await using k = await startKvflow();
  const bucket = await whileAlive(300, async ms => {
    const bucket = `b${ms}`;
    await calls.create(k, { bucket, ttl: ms * 1e6 });
    await calls.put(k, { bucket, key: 'a', value: 'x' });
    const { created_at, expires_at } = await calls.get(k, { bucket, key: 'a' });
    expect(Date.parse(expires_at ?? '') - Date.parse(created_at)).toBe(ms);
    return bucket;
  });
  await eventually(async () => {
    expect((await k.fail('kv-key-get', { bucket, key: 'a' })).code).toBe('KEY_NOT_FOUND');
  });
});

test('kv-bucket-create - history: as many values of a key are kept, no more', async () => {
  await using k = await startKvflow();
  await calls.create(k, { bucket: 'b', history: 3 });
  for (const value of ['1', '2', '3', '4', '5']) await calls.put(k, { bucket: 'b', key: 'a', value });
  for (const revision of [3, 4, 5]) {
    expect((await calls.get(k, { bucket: 'b', key: 'a', revision })).value).toBe(String(revision));
  }
  expect((await k.fail('kv-key-get', { bucket: 'b', key: 'a', revision: 2 })).code).toBe('KEY_NOT_FOUND');
});

test('kv-bucket-create - max_bytes: a full bucket refuses what does not fit and keeps what it has', async () => {
  await using k = await startKvflow();
  await calls.create(k, { bucket: 'b', max_bytes: 1_000 });
  await calls.put(k, { bucket: 'b', key: 'a', value: 'x'.repeat(600) });
  const error = await k.fail('kv-key-put', { bucket: 'b', key: 'b', value: 'x'.repeat(600) });
  expect(error).toMatchObject({ status_code: 507, code: 'BUCKET_FULL', retryable: false });
  expect(error.message).toContain('max_bytes');
  expect((await calls.get(k, { bucket: 'b', key: 'a' })).value).toHaveLength(600);
});

test('kv-bucket-create - storage: file survives a restart of the server, memory does not', async () => {
  await using k = await startWithServer();
  await calls.create(k, { bucket: 'kept' });
  await calls.create(k, { bucket: 'lost', storage: 'memory' });
  for (const bucket of ['kept', 'lost']) await calls.put(k, { bucket, key: 'a', value: 'x' });
  await k.server.stop();
  await k.server.start();
  expect((await calls.get(k, { bucket: 'kept', key: 'a' })).value).toBe('x');
  expect((await k.fail('kv-key-get', { bucket: 'lost', key: 'a' })).code).toBe('BUCKET_NOT_FOUND');
});

for (const headers_only of [false, true]) {
  test(`kv-bucket-create - republish ${headers_only ? 'of headers alone' : ''}: writes come on the other subject`, async () => {
    await using k = await startWithOfficial();
    const republish = { source: '$KV.b.user.>', dest: 'changes.user.>', headers_only };
    await calls.create(k, { bucket: 'b', republish });
    const heard: [string, string, string][] = [];
    k.official.nc.subscribe('changes.>', {
      callback: (_error, msg) => {
        heard.push([msg.subject, msg.string(), msg.headers?.get('Nats-Sequence') ?? '']);
      },
    });
    await k.official.nc.flush();
    for (const key of ['team.1', 'user.1']) await calls.put(k, { bucket: 'b', key, value: 'hello' });
    await eventually(() => {
      expect(heard).toEqual([['changes.user.1', headers_only ? '' : 'hello', '2']]);
    });
  });
}

test('kv-bucket-create - sources: filters, renames and starts are in force', async () => {
  await using k = await startKvflow();
  await calls.create(k, { bucket: 'origin' });
  for (const key of ['user.1', 'user.2', 'team.1']) {
    await calls.put(k, { bucket: 'origin', key, value: `early ${key}` });
  }
  await sleep(5);
  const between = new Date().toISOString();
  await sleep(5);
  for (const key of ['user.3', 'team.2']) await calls.put(k, { bucket: 'origin', key, value: `late ${key}` });

  await expectGathered(k, { filter_subject: 'user.*' }, ['user.1', 'user.2', 'user.3']);
  await expectGathered(k, { filter_subject: '*.1' }, ['team.1', 'user.1']);
  await expectGathered(k, { opt_start_seq: 3 }, ['team.1', 'team.2', 'user.3']);
  await expectGathered(k, { opt_start_time: between }, ['team.2', 'user.3']);
  const seconds = Math.ceil(Date.now() / 1000) - 3600;
  const all = ['team.1', 'team.2', 'user.1', 'user.2', 'user.3'];
  await expectGathered(k, { opt_start_time: seconds }, all);
  await expectGathered(k, { opt_start_time: seconds + 7200 }, []);
  await expectGathered(k, { opt_start_time: Date.parse(between) * 1e6 }, ['team.2', 'user.3']);
  const subject_transforms = [{ src: 'user.*', dest: 'person.{{wildcard(1)}}.x' }];
  await expectGathered(k, { subject_transforms }, ['person.1.x', 'person.2.x', 'person.3.x']);
});

test('kv-bucket-create - mirror: filter and start are in force', async () => {
  await using k = await startKvflow();
  await calls.create(k, { bucket: 'origin' });
  for (const key of ['user.1', 'team.1', 'user.2']) await calls.put(k, { bucket: 'origin', key, value: key });
  await calls.create(k, {
    bucket: 'm',
    mirror: { name: 'origin', filter_subject: 'user.*', opt_start_seq: 2 },
  });
  await eventually(async () => {
    expect(pairs((await calls.list(k, { bucket: 'm' })).items)).toEqual([['user.2', 'user.2']]);
  });
  expect((await k.fail('kv-key-get', { bucket: 'm', key: 'user.1' })).code).toBe('KEY_NOT_FOUND');
  // Written to the mirror, it would be stored in the origin and never be seen here.
  await calls.create(k, { bucket: 'n', mirror: { name: 'm' } });
  for (const bucket of ['m', 'n']) {
    for (const [name, input] of [
      ['kv-key-put', { value: 'x' }],
      ['kv-key-put', { value: 'x', expected_revision: 0 }],
      ['kv-key-increment', {}],
      ['kv-key-append', { value: 'x' }],
    ] as const) {
      const error = await k.fail(name, { bucket, key: 'team.2', ...input });
      expect(error).toMatchObject({ code: 'INVALID_INPUT', errors: [{ pointer: '/key' }] });
      expect(error.message).toContain('"user.*"');
    }
    await calls.put(k, { bucket, key: `user.${bucket}`, value: 'x' });
  }
  expect((await calls.list(k, { bucket: 'origin' })).items.map(({ key }) => key)).not.toContain('team.2');
});

test('kv-bucket-create - marker_ttl: an end is told to a watch that was away', async () => {
  await using k = await startKvflow();
  const marker_ttl = 60_000_000_000;
  const ttl = 1_000_000_000;
  const buckets = { own: { key_ttl: true }, all: { ttl }, 'all-with-history': { ttl, history: 3 } };
  const ended = Object.entries(buckets).map(async ([bucket, options]) => {
    await calls.create(k, { bucket, marker_ttl, ...options });
    const item = { bucket, key: 'a', value: 'x', ...(bucket === 'own' && { ttl }) };
    const { revision } = await calls.put(k, item);
    await eventually(async () => {
      expect((await k.call('kv-bucket-info', { bucket })).last_seq).toBe(revision + 1);
    });
    const { events } = await k.call('kv-key-watch', { bucket, after: revision });
    expect([bucket, events]).toMatchObject([bucket, [{ key: 'a', operation: 'expire' }]]);
  });
  await Promise.all(ended);
});

test('kv-bucket-create - marker_ttl: makes no life longer where the bucket keeps a history', async () => {
  await using k = await startKvflow();
  const bucket = { bucket: 'b', history: 5, marker_ttl: 60_000_000_000 };
  await calls.create(k, bucket);
  // Builds before the option, and whoever does not ask for it, find the bucket as they made it.
  expect(await calls.create(k, { bucket: 'b', history: 5, key_ttl: true })).toMatchObject({ created: false });
  const item = { bucket: 'b', key: 'a', value: 'x' };
  const refused = [
    await k.fail('kv-key-put', { ...item, ttl: 59_000_000_000 }),
    await k.fail('kv-key-increment', { bucket: 'b', key: 'n', ttl: 1_000_000_000 }),
  ];
  for (const error of refused) {
    expect(error).toMatchObject({ code: 'INVALID_INPUT', errors: [{ pointer: '/ttl' }] });
    expect(error.message).toContain('marker_ttl');
  }
  await calls.put(k, { ...item, ttl: 60_000_000_000 });
  await calls.create(k, { ...bucket, bucket: 'one', history: 1 });
  await calls.put(k, { ...item, bucket: 'one', ttl: 1_000_000_000 });
  await using official = await connectOfficial(k.joined);
  const kv = await official.kvm.open('one');
  await eventually(async () => expect((await kv.get('a'))?.operation).not.toBe('PUT'));
});

test('kv-bucket-create - marker_ttl: can be changed and taken away, and is told where it cannot be', async () => {
  await using k = await startKvflow();
  const change = (changes: object) => k.call('kv-bucket-update', { bucket: 'b', ...changes });
  await calls.create(k, { bucket: 'b' });
  expect(await change({ marker_ttl: 5_000_000_000 })).toMatchObject({
    marker_ttl: 5_000_000_000,
    key_ttl: true,
  });
  expect(await change({ key_ttl: true })).toMatchObject({ marker_ttl: 5_000_000_000 });
  expect(await change({ marker_ttl: null })).not.toHaveProperty('marker_ttl');
  for (const input of [{ marker_ttl: 1 }, { mirror: { name: 'b' }, marker_ttl: 1_000_000_000 }]) {
    const error = await k.fail('kv-bucket-create', { bucket: 'c', ...input });
    expect(error).toMatchObject({ code: 'INVALID_INPUT', errors: [{ pointer: '/marker_ttl' }] });
  }
});

test('kv-bucket-create - a ttl of null or -1 is none, and so it is with kv-bucket-update', async () => {
  await using k = await startKvflow();
  for (const [at, ttl] of [null, -1, 0].entries()) {
    const bucket = `b${at}`;
    await k.call('kv-bucket-create', { bucket, ttl });
    expect(await k.call('kv-bucket-create', { bucket })).toMatchObject({ created: false });
    expect(await k.call('kv-bucket-info', { bucket })).toMatchObject({ ttl: 0 });
    await k.call('kv-bucket-update', { bucket, ttl: 60_000_000_000 });
    expect(await k.call('kv-bucket-update', { bucket, ttl })).toMatchObject({ ttl: 0 });
  }
});

const BAD: Record<string, [input: Record<string, unknown>, pointer: string, says: string]> = {
  'a ttl of 1': [{ ttl: 1 }, '/ttl', 'nanoseconds'],
  'a negative ttl': [{ ttl: -2 }, '/ttl', ''],
  'a ttl past 2^63': [{ ttl: 2 ** 64 }, '/ttl', ''],
  'a ttl in text': [{ ttl: '1h' }, '/ttl', 'nanoseconds'],
  'a history of 0': [{ history: 0 }, '/history', '1'],
  'a history of 65': [{ history: 65 }, '/history', '64'],
  'six replicas': [{ num_replicas: 6 }, '/num_replicas', '1, 2, 3, 4, 5'],
  'another storage': [{ storage: 'disk' }, '/storage', 'file, memory'],
  'a metadata name of the server': [{ metadata: { '_nats.ver': '1' } }, '/metadata', ''],
  'a metadata name of kvflow': [{ metadata: { 'kvflow.key_encoding': 'x' } }, '/metadata', ''],
  'metadata that is no text': [{ metadata: { a: 1 } }, '/metadata/a', 'string'],
  'mirror and sources': [{ mirror: { name: 'a' }, sources: [{ name: 'c' }] }, '/sources', 'mirror'],
  'filter_subject and subject_transforms': [
    { mirror: { name: 'a', filter_subject: 'x', subject_transforms: [{ src: 'x', dest: 'y' }] } },
    '/mirror',
    'not both',
  ],
  'milliseconds as a start': [
    { sources: [{ name: 'a', opt_start_time: 1_769_860_800_000 }] },
    '/sources/0/opt_start_time',
    'not milliseconds',
  ],
  'a start that is no time': [
    { mirror: { name: 'a', opt_start_time: 'yesterday' } },
    '/mirror/opt_start_time',
    'RFC 3339',
  ],
  'a domain with a dot': [{ mirror: { name: 'a', domain: 'a.b' } }, '/mirror/domain', 'one token'],
  'republish without dest': [{ republish: { source: '>' } }, '/republish/dest', 'required'],
  'an unknown option': [{ tll: 5 }, '/tll', 'known are'],
};

for (const [what, [input, pointer, says]] of Object.entries(BAD)) {
  test(`kv-bucket-create - refuses ${what}, says where and creates nothing`, async () => {
    await using k = await startKvflow();
    const error = await k.fail('kv-bucket-create', { bucket: 'b', ...input });
    expect(error).toMatchObject({ status_code: 400, code: 'INVALID_INPUT', retryable: false });
    expect(error.errors?.map(fault => fault.pointer)).toContain(pointer);
    expect(error.errors?.map(fault => fault.message).join('; ')).toContain(says);
    expect((await calls.buckets(k, {})).total).toBe(0);
  });
}

for (const bucket of ['', 'a b', 'a.b', 'ü', 'a*', 'x'.repeat(253)]) {
  test(`kv-bucket-create - refuses the name ${JSON.stringify(bucket.slice(0, 10))} of ${bucket.length}`, async () => {
    await using k = await startKvflow();
    const error = await k.fail('kv-bucket-create', { bucket });
    expect(error).toMatchObject({ code: 'INVALID_INPUT' });
    expect(error.errors?.map(fault => fault.pointer)).toContain('/bucket');
  });
}

test('kv-bucket-create - takes the longest name there is', async () => {
  await using k = await startKvflow();
  const bucket = 'x'.repeat(252);
  expect((await calls.create(k, { bucket })).created).toBe(true);
  await calls.put(k, { bucket, key: 'a', value: 'x' });
  expect((await calls.list(k, { bucket })).items).toHaveLength(1);
});

test('kv-bucket-create - three replicas on one server are refused with the reason', async () => {
  await using k = await startKvflow();
  const error = await k.fail('kv-bucket-create', { bucket: 'b', num_replicas: 3 });
  expect(error).toMatchObject({
    status_code: 400,
    code: 'INVALID_INPUT',
    errors: [{ pointer: '/num_replicas' }],
  });
  expect(error.message).toContain('replicas');
});

test('kv-bucket-create - on a cluster: replicas, placement and races', async () => {
  await using cluster = await startCluster(4);
  await using k = joinNats({ servers: [cluster.urls[0] ?? ''] });
  await using other = joinNats({ servers: [cluster.urls[1] ?? ''] });

  const options = { num_replicas: 3, placement: { cluster: cluster.name } } as const;
  expect(await calls.create(k, { bucket: 'b', ...options })).toMatchObject({ created: true, ...options });
  const again = await calls.create(k, { bucket: 'b', ...options });
  expect(again).toMatchObject({ created: false, ...options, cluster: { name: cluster.name } });
  expect(again.cluster?.replicas).toHaveLength(2);

  const placement = { tags: ['node:2'] };
  await calls.create(k, { bucket: 'placed', placement });
  const { buckets } = await calls.buckets(k, {});
  const placed = buckets.find(({ bucket }) => bucket === 'placed');
  expect(placed).toMatchObject({ placement, cluster: { leader: 'east-2', replicas: [] } });

  const four = await calls.create(k, { bucket: 'four', num_replicas: 4 });
  expect([four.num_replicas, four.cluster?.replicas.length]).toEqual([4, 3]);

  const nowhere = await k.fail('kv-bucket-create', { bucket: 'nowhere', placement: { cluster: 'west' } });
  expect(nowhere.status_code).toBeGreaterThanOrEqual(400);
  expect(nowhere.code).not.toBe('INTERNAL');

  const made = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      calls.create(i % 2 ? k : other, { bucket: 'race', num_replicas: 3 }),
    ),
  );
  expect(made.filter(({ created }) => created)).toHaveLength(1);
});

async function expectGathered(k: TestKvflow, origin: object, keys: string[]): Promise<void> {
  const bucket = `b-${Math.random().toString(36).slice(2)}`;
  await calls.create(k, { bucket, sources: [{ name: 'origin', ...origin }] });
  if (keys.length === 0) await sleep(200);
  await eventually(async () => {
    const { items } = await calls.list(k, { bucket });
    expect(items.map(({ key }) => key).sort()).toEqual(keys);
  });
}
