import { expect, test } from '@jest/globals';
import type { KvBucketUsageOutput } from '../../contract/types.gen.ts';
import kvBucketUsage from '../../functions/kv-bucket-usage.ts';
import { calls } from '../support/calls.ts';
import { eventually } from '../support/eventually.ts';
import { forAll } from '../support/for-all.ts';
import { startKvflow } from '../support/kvflow.ts';
import { connectOfficial } from '../support/official.ts';
import { soon } from '../support/soon.ts';

const k = forAll(startKvflow);

function bucketOf(name: string) {
  return {
    name,
    create: (options: object = {}) => calls.create(k, { bucket: name, ...options }),
    put: (key: string, value: string) => calls.put(k, { bucket: name, key, value }),
  };
}

async function usage(input: object): Promise<KvBucketUsageOutput> {
  return (await k.call('kv-bucket-usage', input)) as unknown as KvBucketUsageOutput;
}

function sum(answer: KvBucketUsageOutput, name: 'bytes' | 'revisions' | 'markers' | 'keys'): number {
  return answer.groups.reduce((total, group) => total + group[name], 0) + (answer.others?.[name] ?? 0);
}

const SECOND = 1_000_000_000;

test.each([
  ['file', 1],
  ['file', 5],
  ['memory', 5],
])(
  'kv-bucket-usage - bytes by prefix add up to what the server counts: %s, history %i',
  async (storage, history) => {
    const bucket = bucketOf(`sum-${storage}-${history}`);
    await bucket.create({ storage, history, key_ttl: true });
    await using official = await connectOfficial(k.joined);
    for (let i = 0; i < 30; i++) await bucket.put(`user.${i % 10}.name`, 'x'.repeat(i));
    await k.call('kv-key-put', {
      bucket: bucket.name,
      key: 'plain',
      value: 'ä',
    });
    await k.call('kv-key-put', {
      bucket: bucket.name,
      key: 'with.about',
      value: [1],
      content_type: 'text/x',
      metadata: { a: 'ü' },
    });
    await k.call('kv-key-put', { bucket: bucket.name, key: 'ends.soon', value: 'v', ttl: 3_600 * SECOND });
    await k.call('kv-key-increment', { bucket: bucket.name, key: 'count', by: 2 });
    await k.call('kv-key-delete', { bucket: bucket.name, key: 'user.1.name' });
    await k.call('kv-key-purge', { bucket: bucket.name, key: 'user.2.name' });
    await (await official.kvm.open(bucket.name)).put('theirs.one', 'official');
    const answer = await usage({ bucket: bucket.name });
    const { state } = await official.jsm.streams.info(`KV_${bucket.name}`);
    expect({ bytes: sum(answer, 'bytes'), revisions: sum(answer, 'revisions') }).toEqual({
      bytes: state.bytes,
      revisions: state.messages,
    });
    expect(answer.bucket_bytes).toBe(state.bytes);
    expect(sum(answer, 'keys')).toBe(8 + 5);
    const users = answer.groups.find(({ prefix }) => prefix === 'user.');
    expect(users).toMatchObject({ keys: 8, markers: 2, without_ttl: 8 });
    expect(answer.groups.find(({ prefix }) => prefix === 'ends.')).toMatchObject({
      keys: 1,
      without_ttl: 0,
    });
    expect(answer.largest[0]).toMatchObject({ key: 'user.9.name', size: 29 });
  },
);

test('kv-bucket-usage - groups by any separator and depth, and sums those beyond the limit', async () => {
  const bucket = bucketOf('groups');
  await bucket.create();
  for (const key of ['a_b_1', 'a_b_2', 'a_c_1', 'd_e', 'plain']) await bucket.put(key, 'xx');
  const prefixes = async (input: object) =>
    (await usage({ bucket: 'groups', separator: '_', ...input })).groups.map(({ prefix, keys }) => [
      prefix,
      keys,
    ]);
  expect(await prefixes({})).toEqual([
    ['a_', 3],
    ['', 1],
    ['d_', 1],
  ]);
  expect((await prefixes({ depth: 2 })).sort()).toEqual([
    ['', 1],
    ['a_b_', 2],
    ['a_c_', 1],
    ['d_', 1],
  ]);
  const top = await usage({ bucket: 'groups', separator: '_', limit: 1 });
  expect(top.groups).toHaveLength(1);
  expect(top.largest).toHaveLength(1);
  expect(top.others).toMatchObject({ keys: 2, revisions: 2 });
  expect(sum(top, 'bytes')).toBe(top.bucket_bytes);
  expect(await prefixes({ filter: 'd_e' })).toEqual([['d_', 1]]);
});

test('kv-bucket-usage - what was stored lately is told apart', async () => {
  const bucket = bucketOf('recent');
  await bucket.create();
  await bucket.put('old', 'x');
  await bucket.put('new', 'x');
  // Once the server's clock has gone on by a moment, nothing was stored within the last nanosecond.
  await eventually(async () => {
    const { groups } = await usage({ bucket: 'recent', recent: 1 });
    expect(groups).toMatchObject([{ bytes: expect.any(Number), recent_bytes: 0 }]);
  });
  const all = await usage({ bucket: 'recent', recent: 3_600 * SECOND });
  expect(all.groups[0]?.recent_bytes).toBe(all.bucket_bytes);
});

test('kv-bucket-usage - goes on by its cursor, in any process, and the parts add up', async () => {
  const bucket = bucketOf('parts');
  await bucket.create({ history: 3 });
  const items = Array.from({ length: 1_000 }, (_, i) => ({ key: `g${i % 7}.${i}`, value: 'v' }));
  for (let i = 0; i < 3; i++) await k.call('kv-key-put-many', { bucket: 'parts', items });
  // A call that has no time left answers one page.
  const { kv } = k.nats;
  const later = soon();
  const patient = {
    bucketInfo: (_: unknown, name: string) => kv.bucketInfo(later, name),
    now: (_: unknown, name: string) => kv.now(later, name),
    storedPage: (_: unknown, page: Parameters<typeof kv.storedPage>[1]) =>
      kv.storedPage(later, { ...page, limit: 400 }),
    listPage: (_: unknown, page: Parameters<typeof kv.listPage>[1]) =>
      kv.listPage(later, { ...page, limit: 300 }),
  };
  const answers: KvBucketUsageOutput[] = [];
  let cursor: string | undefined;
  do {
    const input = { bucket: 'parts', ...(cursor !== undefined && { cursor }) };
    const part = await kvBucketUsage.run(input, { deadline: Date.now(), kv: patient } as never);
    answers.push(part);
    cursor = part.cursor;
  } while (cursor !== undefined);
  expect(answers.length).toBe(8 + 4);
  const total = (name: 'bytes' | 'keys' | 'revisions') =>
    answers.reduce((all, part) => all + sum(part, name), 0);
  expect(total('revisions')).toBe(3_000);
  expect(total('keys')).toBe(1_000);
  expect(total('bytes')).toBe(answers[0]?.bucket_bytes);
});

test('kv-bucket-usage - a cursor that is none is refused by name', async () => {
  await bucketOf('cursor').create();
  for (const cursor of ['x', Buffer.from('{"phase":"stored","after":-1}').toString('base64url')])
    expect(await k.fail('kv-bucket-usage', { bucket: 'cursor', cursor })).toMatchObject({
      code: 'INVALID_INPUT',
      errors: [{ pointer: '/cursor' }],
    });
});
