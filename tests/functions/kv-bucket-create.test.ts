import { expect, test } from '@jest/globals';
import type { KvBucketCreateInput } from '../../contract/types.gen.ts';
import { calls } from '../support/calls.ts';
import { eventually } from '../support/eventually.ts';
import { startKvflow } from '../support/kvflow.ts';
import { soon } from '../support/soon.ts';
import { startWithOfficial } from '../support/with-official.ts';

type Options = Omit<KvBucketCreateInput, 'bucket'>;

interface OptionCase {
  options: Options;
  /** What the server must have in the stream's configuration. */
  stream: Record<string, unknown>;
  /** What is told back where it is not what was asked for. */
  info?: Record<string, unknown>;
}

const CASES: Record<string, OptionCase> = {
  nothing: {
    options: {},
    stream: {
      subjects: ['$KV.b.>'],
      max_msgs_per_subject: 1,
      max_age: 0,
      max_bytes: -1,
      max_msg_size: -1,
      storage: 'file',
      num_replicas: 1,
      discard: 'new',
      deny_delete: true,
      allow_rollup_hdrs: true,
      allow_direct: true,
      compression: 'none',
    },
    info: { history: 1, ttl: 0, max_bytes: -1, max_value_size: -1, storage: 'file', num_replicas: 1 },
  },
  description: { options: { description: 'Größe 🦜' }, stream: { description: 'Größe 🦜' } },
  ttl: { options: { ttl: 2_592_000_000_000_000 }, stream: { max_age: 2_592_000_000_000_000 } },
  'short ttl': {
    options: { ttl: 100_000_000 },
    stream: { max_age: 100_000_000, duplicate_window: 100_000_000 },
  },
  history: { options: { history: 64 }, stream: { max_msgs_per_subject: 64 } },
  max_bytes: { options: { max_bytes: 4096 }, stream: { max_bytes: 4096 } },
  max_value_size: { options: { max_value_size: 10 }, stream: { max_msg_size: 10 + 8_192 } },
  memory: { options: { storage: 'memory' }, stream: { storage: 'memory' } },
  compression: { options: { compression: true }, stream: { compression: 's2' } },
  metadata: {
    options: { metadata: { team: 'growth', 'a b': 'ü' } },
    stream: { metadata: { team: 'growth', 'a b': 'ü' } },
  },
  republish: {
    options: { republish: { source: '$KV.b.>', dest: 'copies.>', headers_only: true } },
    stream: { republish: { src: '$KV.b.>', dest: 'copies.>', headers_only: true } },
  },
  'republish of everything': {
    options: { republish: { dest: 'copies.>' } },
    stream: { republish: { src: '>', dest: 'copies.>' } },
    info: { republish: { source: '>', dest: 'copies.>' } },
  },
  mirror: {
    options: { mirror: { name: 'origin', opt_start_seq: 3 } },
    stream: { mirror: { name: 'KV_origin', opt_start_seq: 3 } },
  },
  'mirror by the name of its stream, filtered': {
    options: { mirror: { name: 'KV_origin', filter_subject: 'user.*' } },
    stream: { mirror: { name: 'KV_origin', filter_subject: '$KV.origin.user.*' } },
    info: { mirror: { name: 'origin', filter_subject: 'user.*' } },
  },
  'mirror that renames': {
    options: { mirror: { name: 'origin', subject_transforms: [{ src: 'a.*', dest: 'z.{{wildcard(1)}}' }] } },
    stream: {
      mirror: {
        name: 'KV_origin',
        subject_transforms: [{ src: '$KV.origin.a.*', dest: '$KV.origin.z.{{wildcard(1)}}' }],
      },
    },
    info: {
      mirror: { name: 'origin', subject_transforms: [{ src: 'a.*', dest: 'z.{{wildcard(1)}}' }] },
      read_only: true,
    },
  },
  'mirror of another domain': {
    options: { mirror: { name: 'origin', domain: 'hub' } },
    stream: { mirror: { name: 'KV_origin', external: { api: '$JS.hub.API' } } },
  },
  sources: {
    options: { sources: [{ name: 'origin' }, { name: 'second', filter_subject: 'user.*.name' }] },
    stream: {
      subjects: ['$KV.b.>'],
      sources: [
        { name: 'KV_origin', subject_transforms: [{ src: '$KV.origin.>', dest: '$KV.b.>' }] },
        {
          name: 'KV_second',
          subject_transforms: [{ src: '$KV.second.user.*.name', dest: '$KV.b.user.{{wildcard(1)}}.name' }],
        },
      ],
    },
  },
  'source from a time in text': {
    options: { sources: [{ name: 'origin', opt_start_time: '2026-01-31T12:00:00Z' }] },
    stream: { sources: [{ opt_start_time: '2026-01-31T12:00:00Z' }] },
    info: { sources: [{ name: 'origin', opt_start_time: '2026-01-31T12:00:00.000Z' }] },
  },
  'source from a time in seconds, of a domain, renamed': {
    options: {
      sources: [
        {
          name: 'origin',
          domain: 'hub',
          opt_start_time: 1_769_860_800,
          subject_transforms: [{ src: 'x.>', dest: 'y.>' }],
        },
      ],
    },
    stream: {
      sources: [
        {
          opt_start_time: '2026-01-31T12:00:00Z',
          external: { api: '$JS.hub.API' },
          subject_transforms: [{ src: '$KV.origin.x.>', dest: '$KV.b.y.>' }],
        },
      ],
    },
    info: {
      sources: [
        {
          name: 'origin',
          domain: 'hub',
          opt_start_time: '2026-01-31T12:00:00.000Z',
          subject_transforms: [{ src: 'x.>', dest: 'y.>' }],
        },
      ],
    },
  },
  key_ttl: {
    options: { key_ttl: true, history: 1 },
    stream: { allow_msg_ttl: true, subject_delete_marker_ttl: 1_000_000_000 },
  },
  marker_ttl: {
    options: { key_ttl: true, marker_ttl: 3_600_000_000_000 },
    stream: { allow_msg_ttl: true, subject_delete_marker_ttl: 3_600_000_000_000 },
    info: { key_ttl: true },
  },
  key_encoding: {
    options: { key_encoding: 'base64', metadata: { a: 'b' } },
    stream: { metadata: { 'kvflow.key_encoding': 'base64', a: 'b' } },
  },
};

for (const [name, { options, stream, info }] of Object.entries(CASES)) {
  test(`kv-bucket-create - ${name}: in force on the server, told back, and the same again changes nothing`, async () => {
    await using k = await startWithOfficial();
    for (const bucket of ['origin', 'second']) await calls.create(k, { bucket });
    const first = await calls.create(k, { bucket: 'b', ...options });
    expect(first).toMatchObject({ created: true, bucket: 'b', ...options, ...info });
    expect(await k.official.config('b')).toMatchObject(stream);
    const again = await calls.create(k, { bucket: 'b', ...options });
    expect(again).toMatchObject({ created: false, bucket: 'b', ...options, ...info });
    // What is told back is what one can ask with.
    const { buckets } = await calls.buckets(k, {});
    const listed = buckets.find(({ bucket }) => bucket === 'b');
    const { created: _created, ...told } = again;
    expect(listed).toEqual(told);
    expect((await calls.create(k, { bucket: 'b', ...optionsOf(told) })).created).toBe(false);
  });
}

test('kv-bucket-create - with other options says which differ and how', async () => {
  await using k = await startKvflow();
  await calls.create(k, { bucket: 'b', history: 5, metadata: { a: '1' }, description: 'same' });
  const other = { bucket: 'b', history: 6, storage: 'memory', description: 'same', compression: true };
  const error = await k.fail('kv-bucket-create', other);
  expect(error).toMatchObject({ status_code: 409, code: 'BUCKET_EXISTS', retryable: false });
  expect(error.details).toEqual({
    differing: {
      history: { existing: 5, requested: 6 },
      storage: { existing: 'file', requested: 'memory' },
      compression: { existing: false, requested: true },
      metadata: { existing: { a: '1' }, requested: {} },
    },
  });
  for (const option of ['history', 'storage', 'compression', 'metadata'])
    expect(error.message).toContain(option);
  expect((await calls.buckets(k, {})).buckets).toMatchObject([{ history: 5, storage: 'file' }]);
});

for (const [name, { options }] of Object.entries(CASES)) {
  if (name === 'nothing') continue;
  test(`kv-bucket-create - ${name}: does not pass for a bucket without it`, async () => {
    await using k = await startKvflow();
    for (const bucket of ['b', 'origin', 'second']) await calls.create(k, { bucket });
    const error = await k.fail('kv-bucket-create', { bucket: 'b', ...options });
    expect(error).toMatchObject({ status_code: 409, code: 'BUCKET_EXISTS' });
    const differing = Object.keys(error.details?.differing as object);
    const asked = Object.keys(options).filter(option => option !== 'history' || options.history !== 1);
    expect(differing.sort()).toEqual(asked.sort());
  });
}

test('kv-bucket-create - a bucket that another client made with the same options is not created again', async () => {
  await using k = await startWithOfficial();
  const kv = await k.official.kvm.create('b', { history: 3, ttl: 60_000 });
  await kv.put('a', 'x');
  const made = await calls.create(k, { bucket: 'b', history: 3, ttl: 60_000_000_000 });
  expect(made).toMatchObject({ created: false, values: 1 });
});

test('kv-bucket-create - of many at once exactly one creates', async () => {
  await using k = await startKvflow();
  for (const bucket of ['one', 'two', 'three']) {
    const made = await Promise.all(Array.from({ length: 20 }, () => calls.create(k, { bucket, history: 4 })));
    expect(made.filter(({ created }) => created)).toHaveLength(1);
  }
});

test('kv-bucket-create - of many at once with different options one wins and the others are told', async () => {
  await using k = await startKvflow();
  const asked = Array.from({ length: 20 }, (_, i) =>
    k.invoke('kv-bucket-create', { bucket: 'b', history: i + 1 }),
  );
  const statuses = (await Promise.all(asked)).map(({ status_code }) => status_code);
  expect(statuses.filter(status => status === 200)).toHaveLength(1);
  expect(statuses.filter(status => status === 409)).toHaveLength(19);
});

test('kv-bucket-create - can be created again after it was deleted, with other options', async () => {
  await using k = await startWithOfficial();
  await calls.create(k, { bucket: 'b', max_value_size: 5 });
  await calls.put(k, { bucket: 'b', key: 'a', value: 'x' });
  await k.official.jsm.streams.delete('KV_b');
  expect((await k.fail('kv-key-put', { bucket: 'b', key: 'a', value: 'x' })).code).toBe('BUCKET_NOT_FOUND');
  expect((await calls.create(k, { bucket: 'b' })).created).toBe(true);
  await eventually(() => calls.put(k, { bucket: 'b', key: 'a', value: 'longer than five' }));
});

test('kv-bucket-create - a bucket that is there, and of which something was lost, says so', async () => {
  await using k = await startKvflow();
  await calls.create(k, { bucket: 'b' });
  const loss = { had: 9, has: 5, at: '2026-01-01T00:00:00.000Z' };
  await k.nats.noteLoss(soon(), 'b', loss);
  expect(await calls.create(k, { bucket: 'b' })).toMatchObject({
    created: false,
    damage: { message: expect.any(String), lost_to: 9 },
  });
});

/** The options in what a bucket tells of itself. */
function optionsOf(info: Record<string, unknown>): Options {
  const facts = [
    'bucket',
    'values',
    'markers',
    'approximate',
    'bytes',
    'created_at',
    'last_modified_at',
    'last_seq',
    'cluster',
    'read_only',
  ];
  return Object.fromEntries(Object.entries(info).filter(([name]) => !facts.includes(name)));
}
