import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { calls } from '../support/calls.ts';
import { endpointsAsked } from '../support/endpoints-asked.ts';
import { eventually } from '../support/eventually.ts';
import type { TestKvflow } from '../support/kvflow.ts';
import { joinNats, startKvflow, startWithServer } from '../support/kvflow.ts';
import { accountWith, startNats } from '../support/nats.ts';
import { connectOfficial } from '../support/official.ts';
import { fillUp, mountSmallDisk, whyNoSmallDisk } from '../support/small-disk.ts';
import { startWithOfficial } from '../support/with-official.ts';

const bucket = 'b';

async function fill(k: TestKvflow, value: string, prefix: string) {
  for (let n = 0; ; n++) {
    const answer = await k.invoke('kv-key-put', { bucket, key: `${prefix}${n}`, value });
    if (answer.status_code === 507) return;
    expect(answer.status_code).toBe(200);
  }
}

for (const history of [1, 2, 5]) {
  test(`kv-key-delete - a full bucket of history ${history} can be emptied, and watchers hear of it`, async () => {
    await using k = await startKvflow();
    await calls.create(k, { bucket, max_bytes: 3_000, history });
    await fill(k, 'x'.repeat(100), 'k');
    await fill(k, 'x', 'z');
    const { revision } = await calls.get(k, { bucket, key: 'k0' });
    expect(await k.call('kv-key-delete', { bucket, key: 'k0' })).toMatchObject({ deleted: true });
    expect(await k.fail('kv-key-get', { bucket, key: 'k0' })).toMatchObject({
      code: 'KEY_NOT_FOUND',
      details: { operation: 'delete' },
    });
    expect(await k.fail('kv-key-delete', { bucket, key: 'k1', expected_revision: revision })).toMatchObject({
      code: 'REVISION_CONFLICT',
    });
    const { revision: own } = await calls.get(k, { bucket, key: 'k1' });
    expect(await k.call('kv-key-delete', { bucket, key: 'k1', expected_revision: own })).toMatchObject({
      deleted: true,
    });
    await fill(k, 'x', 'y');
    expect(await k.call('kv-key-purge', { bucket, key: 'k2' })).toMatchObject({ purged: 1 });
    await fill(k, 'x', 'w');
    await k.call('kv-key-purge', { bucket, filter: '>' });
    expect((await calls.list(k, { bucket })).items).toEqual([]);
  });
}

test('kv-key-delete - an account without any room left can be emptied', async () => {
  await using server = await startNats({ extra: accountWith('max_file: 40000') });
  await using k = joinNats({ servers: [server.url] });
  await calls.create(k, { bucket, history: 3 });
  await fill(k, 'x'.repeat(1_000), 'k');
  await fill(k, 'x', 'z');
  const full = await k.fail('kv-key-put', { bucket, key: 'one-more', value: 'x'.repeat(1_000) });
  expect(full).toMatchObject({ code: 'BUCKET_FULL', message: expect.stringContaining('purging keys works') });
  const operations = ['k0', 'k1'].map(key => ({ op: 'delete', key }));
  const commit = await k.fail('kv-transact', { bucket, operations });
  expect(commit).toMatchObject({
    code: 'BUCKET_FULL',
    message: expect.stringContaining('with kv-key-delete and kv-key-purge (a transaction needs room)'),
  });
  expect(await k.call('kv-key-delete', { bucket, key: 'k0' })).toMatchObject({ deleted: true });
  expect(await k.call('kv-key-purge', { bucket, key: 'k1' })).toMatchObject({ purged: 1 });
  await calls.put(k, { bucket, key: 'one-more', value: 'x' });
});

for (const size of [1, 10, 64]) {
  test(`max_value_size ${size} - counts the value alone: deletes, steps, conditions and times to live work`, async () => {
    await using k = await startKvflow();
    await calls.create(k, { bucket, max_value_size: size, key_ttl: true });
    const value = 'x'.repeat(size);
    const { revision } = await calls.put(k, { bucket, key: 'a', value, ttl: 60e9, expected_revision: 0 });
    await calls.put(k, { bucket, key: 'a', value, expected_revision: revision });
    expect(await k.call('kv-key-increment', { bucket, key: 'n', by: 7 })).toMatchObject({ value: 7 });
    expect(await k.fail('kv-key-put', { bucket, key: 'a', value: `${value}x` })).toMatchObject({
      code: 'VALUE_TOO_LARGE',
      details: { size: size + 1, max_value_size: size },
    });
    expect(await k.call('kv-key-delete', { bucket, key: 'a' })).toMatchObject({ deleted: true });
    expect(await k.call('kv-key-purge', { bucket, key: 'n' })).toMatchObject({ purged: 1 });
    expect(await k.call('kv-bucket-info', { bucket })).toMatchObject({ max_value_size: size, metadata: {} });
    expect(await k.call('kv-bucket-create', { bucket, max_value_size: size, key_ttl: true })).toMatchObject({
      created: false,
    });
    const update = { bucket, max_value_size: size + 1, metadata: { owner: 'me' } };
    expect(await k.call('kv-bucket-update', update)).toMatchObject({ max_value_size: size + 1 });
    await calls.put(k, { bucket, key: 'a', value: `${value}x` });
    expect(await k.call('kv-bucket-update', { bucket, max_value_size: -1 })).toMatchObject({
      max_value_size: -1,
      metadata: { owner: 'me' },
    });
  });
}

test('kv-key-increment - a number with more digits than max_value_size is refused alone, as a put of it is', async () => {
  await using k = await startKvflow();
  await calls.create(k, { bucket, max_value_size: 2 });
  await k.call('kv-key-increment', { bucket, key: 'n', by: 98 });
  // Together, so that several steps are one write.
  const steps = await Promise.all(
    [1, 1, -3, -200].map(by => k.invoke('kv-key-increment', { bucket, key: 'n', by })),
  );
  expect(steps.map(step => step.status_code)).toEqual([200, 413, 200, 413]);
  expect(steps[1]).toMatchObject({
    error: { code: 'VALUE_TOO_LARGE', details: { size: 3, max_value_size: 2 } },
  });
  expect(await calls.get(k, { bucket, key: 'n' })).toMatchObject({ value: '96' });
});

test('max_value_size - a bucket that was made without room for headers gets it at the first refusal', async () => {
  await using k = await startWithOfficial();
  await k.official.kvm.create('old', { maxValueSize: 12 });
  const at = { bucket: 'old', key: 'a' };
  expect(await k.call('kv-bucket-info', { bucket: 'old' })).toMatchObject({ max_value_size: 12 });
  await calls.put(k, { ...at, value: 'x'.repeat(12) });
  expect(await k.call('kv-key-delete', at)).toMatchObject({ deleted: true });
  await calls.put(k, { ...at, value: 'y'.repeat(12), expected_revision: 0 });
  expect(await k.call('kv-bucket-info', { bucket: 'old' })).toMatchObject({ max_value_size: 12 });
  expect(await k.fail('kv-key-put', { ...at, value: 'x'.repeat(13) })).toMatchObject({
    code: 'VALUE_TOO_LARGE',
  });
});

test('max_value_size - a bucket that was made without room for headers gets it by kv-bucket-update', async () => {
  await using k = await startWithOfficial();
  await k.official.kvm.create('old', { maxValueSize: 12 });
  const limit = async () => (await k.official.jsm.streams.info('KV_old')).config.max_msg_size;
  expect(await limit()).toBe(12);
  const updated = await k.call('kv-bucket-update', { bucket: 'old', max_value_size: 12 });
  expect(updated).toMatchObject({ max_value_size: 12 });
  expect(await limit()).toBeGreaterThan(12);
  // Another option alone leaves the limit as whoever made the bucket has it.
  await k.official.kvm.create('kept', { maxValueSize: 12 });
  await k.call('kv-bucket-update', { bucket: 'kept', description: 'x' });
  expect((await k.official.jsm.streams.info('KV_kept')).config.max_msg_size).toBe(12);
});

test('kv-queue-take - nothing of it stays on the server, however many items wait', async () => {
  await using server = await startNats();
  await using k = joinNats({ servers: [server.url] });
  await calls.create(k, { bucket, key_ttl: true });
  const push = (n: number) => k.call('kv-queue-push', { bucket, queue: 'jobs', id: `j${n}`, value: 'x' });
  await Promise.all(Array.from({ length: 150 }, (_, n) => push(n)));
  const take = () => k.call('kv-queue-take', { bucket, queue: 'jobs' });
  await Promise.all(Array.from({ length: 20 }, take));
  await using other = await connectOfficial(server.url);
  await eventually(async () => {
    const { state } = await other.jsm.streams.info(`KV_${bucket}`);
    expect(state.consumer_count).toBe(0);
  });
});

test('kv-key-put - a disk without room is told, and deletes and purges make room', async () => {
  await using server = await startNats({ jetstream: 'max_file_store: 200KB' });
  await using k = joinNats({ servers: [server.url] });
  await calls.create(k, { bucket, history: 2 });
  await fill(k, 'x'.repeat(20_000), 'k');
  const full = await k.fail('kv-key-put', { bucket, key: 'one-more', value: 'x'.repeat(20_000) });
  expect(full).toMatchObject({
    status_code: 507,
    code: 'BUCKET_FULL',
    retryable: false,
    message: expect.stringMatching(/max_file_store.*disk|disk.*max_file_store/),
  });
  expect(await k.call('kv-key-delete', { bucket, key: 'k0' })).toMatchObject({ deleted: true });
  expect(await k.call('kv-key-purge', { bucket, key: 'k1' })).toMatchObject({ purged: 1 });
  await k.call('kv-key-purge', { bucket, filter: 'k2' });
  await calls.put(k, { bucket, key: 'one-more', value: 'x'.repeat(20_000) });
});

const noDisk = await whyNoSmallDisk();
(noDisk ? test.skip : test)(
  `a disk that is full says so in place of silence, until there is room and the server is started again${noDisk ? ` (skipped: ${noDisk})` : ''}`,
  async () => {
    const disk = await mountSmallDisk(4);
    if (typeof disk === 'string') throw new Error(disk);
    await using _disk = disk;
    const filler = await fillUp(disk.folder, 3_000_000);
    await using server = await startNats({ folder: disk.folder, jetstream: 'max_file_store: 1GB' });
    await using k = joinNats({ servers: [server.url] });
    await calls.create(k, { bucket, history: 2 });
    const value = 'x'.repeat(100_000);
    const isFull = (answer: object) => {
      expect(answer).toMatchObject({ code: 'BUCKET_FULL', retryable: false });
      expect(answer).toHaveProperty('message', expect.stringMatching(/disk .* is full .* started again/));
    };
    let stored = 0;
    for (; ; stored++) {
      const answer = await k.invoke('kv-key-put', { bucket, key: `k${stored}`, value });
      if (answer.status_code === 200) continue;
      isFull('error' in answer ? answer.error : {});
      break;
    }
    const items = Array.from({ length: 70 }, (_, i) => ({ key: `m${i}`, value: 'x' }));
    const operations = ['a', 'c'].map(key => ({ op: 'put', key, value: 'x' }));
    const tried: [string, object][] = [
      ['kv-key-put', { bucket, key: 'k0', value, expected_revision: 1 }],
      ['kv-key-increment', { bucket, key: 'n' }],
      ['kv-key-delete', { bucket, key: 'k0' }],
      ['kv-key-purge', { bucket, key: 'k1' }],
      ['kv-key-purge', { bucket, filter: '>' }],
      ['kv-transact', { bucket, operations }],
    ];
    await Promise.all(tried.map(async ([name, input]) => isFull(await k.fail(name, input))));
    const many = (await k.call('kv-key-put-many', { bucket, items })) as unknown as {
      items: { error?: object }[];
    };
    for (const { error } of many.items) isFull(error ?? {});
    expect((await calls.list(k, { bucket, include_values: false })).items).toHaveLength(stored);
    await rm(filler);
    await server.stop();
    await server.start();
    await eventually(async () =>
      expect(await k.call('kv-key-delete', { bucket, key: 'k0' })).toMatchObject({ deleted: true }),
    );
    expect(await k.call('kv-key-purge', { bucket, filter: 'k1' })).toMatchObject({ purged: 1 });
    await calls.put(k, { bucket, key: 'one-more', value });
  },
);

test('without JetStream - every function says so at once, with the way out', async () => {
  await using bare = await startNats({ extra: 'jetstream: disabled' });
  await using denied = await startNats({
    extra: 'accounts { a { jetstream: enabled }, b { users: [{ user: u, password: p }] } }\nno_auth_user: u',
  });
  for (const server of [bare, denied]) {
    await using k = joinNats({ servers: [server.url] });
    for (const [name, input] of [
      ['kv-bucket-create', { bucket }],
      ['kv-bucket-list', {}],
      ['kv-key-put', { bucket, key: 'a', value: 'x' }],
      ['kv-key-get', { bucket, key: 'a' }],
      ['kv-key-list', { bucket }],
    ] as const) {
      expect(await k.fail(name, input)).toMatchObject({
        status_code: 501,
        code: 'UNSUPPORTED',
        retryable: false,
        message: expect.stringContaining('JetStream'),
      });
    }
  }
});

test('a NATS that comes back without JetStream is told as one that has none, and serves when it has it again', async () => {
  await using k = await startWithServer();
  await calls.create(k, { bucket });
  await calls.put(k, { bucket, key: 'a', value: 'x' });
  const config = join(k.server.folder, 'nats.conf');
  const text = await readFile(config, 'utf8');
  const restart = async (changed: string) => {
    await k.server.stop();
    await writeFile(config, changed);
    await k.server.start();
  };
  await restart(text.replace(/^jetstream .*$/m, 'jetstream: disabled'));
  await eventually(async () => {
    for (const [name, input] of [
      ['kv-key-get', { bucket, key: 'a' }],
      ['kv-key-put', { bucket, key: 'a', value: 'y' }],
      ['kv-key-list', { bucket }],
      ['kv-bucket-info', { bucket }],
    ] as const)
      expect(await k.fail(name, input)).toMatchObject({ code: 'UNSUPPORTED', retryable: false });
  });
  await restart(text);
  await eventually(async () =>
    expect(await calls.get(k, { bucket, key: 'a' })).toMatchObject({ value: 'x' }),
  );
});

test('kv-bucket-create - replicas that cannot be are refused for good', async () => {
  await using k = await startKvflow();
  const asked = endpointsAsked(k, 'STREAM.CREATE');
  for (const options of [{ num_replicas: 3 }, { num_replicas: 2 }]) {
    const refused = await k.fail('kv-bucket-create', { bucket, ...options });
    expect(refused).toMatchObject({ status_code: 400, code: 'INVALID_INPUT', retryable: false });
    expect(refused.errors?.[0]?.pointer).toBe('/num_replicas');
    // At once: nothing is tried again or waited for.
    expect(asked.splice(0)).toHaveLength(1);
  }
});
