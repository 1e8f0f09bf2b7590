/** kv-queue-dead-list, kv-queue-dead-replay and kv-queue-dead-drop. */
import { expect, test } from '@jest/globals';
import type {
  KvQueueDeadListOutput,
  KvQueueDeadReplayOutput,
  KvQueueTakeOutput,
} from '../../contract/types.gen.ts';
import { EVERYTHING } from '../../runtime/core/principal.ts';
import type { TestKvflow } from '../support/kvflow.ts';
import { bucketOf, startBucket } from './kv.ts';

const bucket = 'jobs';
const queue = 'mails';
const LONGEST = 1_024;

/** What is called of the queue, each answer as it is. */
function queueIn(k: TestKvflow, at: { bucket: string; queue: string } = { bucket, queue }) {
  const call = async <T>(name: string, input: object = {}) =>
    (await k.call(name, { ...at, ...input })) as unknown as T;
  return {
    push: (id: string, value: unknown = id) => call('kv-queue-push', { id, value }),
    take: (more: object = {}) => call<KvQueueTakeOutput>('kv-queue-take', more),
    info: () => call<Record<string, number>>('kv-queue-info'),
    letters: async (more: object = {}) =>
      (await call<KvQueueDeadListOutput>('kv-queue-dead-list', more)).letters,
    list: (more: object = {}) => call<KvQueueDeadListOutput>('kv-queue-dead-list', more),
    replay: (more: object = {}) => call<KvQueueDeadReplayOutput>('kv-queue-dead-replay', more),
    drop: (more: object = {}) => call<{ dropped: number; more: boolean }>('kv-queue-dead-drop', more),
  };
}

/** An item that was taken so often, as the queue stores it. */
const taken = (value: string, tries = 5) => JSON.stringify({ value, tries });

test('kv-queue-dead - items are listed with the reason, pushed again from no tries, or dropped', async () => {
  await using items = await startBucket(bucket, { key_ttl: true });
  const mails = queueIn(items.kvflow);
  await items.put('mails.item.a', taken('to Ada'));
  await items.put('mails.item.b', taken('to Bob'));
  await items.put('mails.item.bytes', '/wD+', { encoding: 'base64' });
  expect((await mails.take()).taken).toBe(false);
  const why = { queue, code: 'TOO_MANY_TRIES', message: expect.stringContaining('5 times'), tries: 5 };
  const at = expect.stringMatching(/^\d{4}-.*Z$/);
  expect(await mails.letters()).toEqual([
    { key: 'mails.dead.a', id: 'a', value: 'to Ada', at, ...why },
    { key: 'mails.dead.b', id: 'b', value: 'to Bob', at, ...why },
    expect.objectContaining({ id: 'bytes', value: '/wD+', encoding: 'base64', code: 'NO_TEXT', tries: 0 }),
  ]);
  expect(await mails.replay({ key: 'mails.dead.a' })).toEqual({ replayed: 1, failed: 0, more: false });
  expect(await mails.take()).toMatchObject({ id: 'a', value: 'to Ada', tries: 1 });
  expect(await mails.replay()).toMatchObject({
    replayed: 1,
    failed: 1,
    failures: [{ key: 'mails.dead.bytes', code: 'NO_TEXT' }],
  });
  expect(await mails.info()).toMatchObject({ length: 2, leased: 1, dead: 1 });
  expect(await mails.drop()).toEqual({ dropped: 1, more: false });
  expect(await mails.letters()).toEqual([]);
  expect(await items.kvflow.fail('kv-queue-dead-list', { bucket, key: 'mails.dead.a' })).toMatchObject({
    code: 'KEY_NOT_FOUND',
  });
});

test('kv-queue-dead - of one id that was put aside twice each is pushed under it, one after the other', async () => {
  await using items = await startBucket(bucket, { key_ttl: true });
  const mails = queueIn(items.kvflow);
  for (const value of ['first', 'second']) {
    await items.put('mails.item.a', taken(value));
    expect((await mails.take()).taken).toBe(false);
  }
  expect((await mails.letters()).map(({ id, value }) => [id, value])).toEqual([
    ['a', 'first'],
    ['a', 'second'],
  ]);
  // Many at once push each of them once.
  const answers = await Promise.all([1, 2, 3, 4].map(() => mails.replay()));
  expect(answers.reduce((sum, { replayed }) => sum + replayed, 0)).toBe(1);
  expect(await mails.info()).toMatchObject({ length: 1, dead: 1 });
  const one = await mails.take();
  await items.kvflow.call('kv-queue-done', { bucket, queue, id: 'a', receipt: one.receipt });
  expect(await mails.replay()).toMatchObject({ replayed: 1 });
  const other = await mails.take();
  expect([one, other].map(({ id, value, tries }) => `${id} ${value} ${tries}`).sort()).toEqual([
    'a first 1',
    'a second 1',
  ]);
  expect(await mails.info()).toMatchObject({ length: 1, dead: 0 });
});

test('kv-queue-dead - an id at the end of what a key may have stops no queue and is put aside, again too', async () => {
  await using items = await startBucket(bucket, { key_ttl: true });
  const mails = queueIn(items.kvflow);
  const long = (length: number) => `mails.item.${'i'.repeat(length - 'mails.item.'.length)}`;
  // One whose lease just has a key, and one whose lease has none.
  for (const length of [LONGEST - 1, LONGEST]) {
    for (const value of ['first', 'second']) {
      await items.put(long(length), taken(value));
      expect((await mails.take()).taken).toBe(false);
    }
  }
  await mails.push('short');
  expect(await mails.take()).toMatchObject({ id: 'short' });
  const letters = await mails.letters();
  expect(letters.map(({ id, value, code }) => [id.length, value, code]).sort()).toEqual([
    [LONGEST - 12, 'first', 'TOO_MANY_TRIES'],
    [LONGEST - 12, 'second', 'TOO_MANY_TRIES'],
    [LONGEST - 11, 'first', 'KEY_TOO_LONG'],
    [LONGEST - 11, 'second', 'KEY_TOO_LONG'],
  ]);
  expect(letters.every(({ key }) => key.length <= LONGEST)).toBe(true);
  expect(await mails.replay()).toMatchObject({ replayed: 1, failed: 3 });
  expect(await mails.info()).toMatchObject({ length: 2, leased: 1, dead: 3 });
});

test('kv-queue-dead - what an id says that is none of its key is not believed', async () => {
  await using items = await startBucket(bucket, { key_ttl: true });
  const mails = queueIn(items.kvflow);
  for (const id of ['other', 'a.b'])
    await items.put(`mails.dead.a-${id.length}`, JSON.stringify({ value: 'v', tries: 5, id }));
  expect((await mails.letters()).map(({ id }) => id)).toEqual(['a-3', 'a-5']);
});

test.each([{}, { key_encoding: 'base64' }])(
  'kv-queue-dead - those of all queues of a bucket, page by page, and those that an earlier build put aside: %j',
  async options => {
    await using items = await startBucket(bucket, { key_ttl: true, ...options });
    const mails = queueIn(items.kvflow);
    const keys = ['a.b.dead.1', 'mails.dead.1', 'mails.dead.2', 'mails.dead.3', 'q.dead.x'];
    for (const key of keys) await items.put(key, taken('v'));
    await items.put('mails.item.1', taken('v', 0));
    const all = async (input: object) =>
      (await items.kvflow.call('kv-queue-dead-list', {
        bucket,
        ...input,
      })) as unknown as KvQueueDeadListOutput;
    expect((await all({})).letters.map(({ key }) => key)).toEqual(keys);
    const first = await mails.list({ limit: 2 });
    expect(first.letters.map(({ key }) => key)).toEqual(keys.slice(1, 3));
    const rest = await mails.list({ limit: 2, cursor: first.cursor });
    expect([rest.letters.map(({ key }) => key), rest.cursor]).toEqual([[keys[3]], undefined]);
    const other = { bucket, queue: 'q', cursor: first.cursor };
    expect(await items.kvflow.fail('kv-queue-dead-list', other)).toMatchObject({ code: 'INVALID_INPUT' });
    expect(await mails.replay({ limit: 2 })).toMatchObject({ replayed: 1, failed: 1, more: true });
    expect(await mails.drop()).toEqual({ dropped: 2, more: false });
    expect((await all({})).letters.map(({ queue }) => queue)).toEqual(['a.b', 'q']);
  },
);

test('kv-queue-dead - large items are listed by pages of what an answer may hold', async () => {
  await using items = await startBucket(bucket, { key_ttl: true });
  const mails = queueIn(items.kvflow);
  const large = 'x'.repeat(1_000_000);
  for (let n = 0; n < 12; n++) await items.put(`mails.dead.${n}`, taken(large));
  const seen: string[] = [];
  for (let from = {}; ; ) {
    const { letters, cursor } = await mails.list(from);
    seen.push(...letters.map(({ id }) => id));
    if (cursor === undefined) break;
    from = { cursor };
  }
  expect(seen.sort()).toEqual(Array.from({ length: 12 }, (_, n) => `${n}`).sort());
});

test('kv-queue-dead - an item that is too large to be moved stays, is told, and stops no other', async () => {
  await using items = await startBucket(bucket, { key_ttl: true });
  const mails = queueIn(items.kvflow);
  // What a commit sends with it has no room any more.
  await items.put('mails.item.full', taken('x'.repeat(1_048_576 - taken('').length)));
  await mails.push('small');
  expect(await mails.take()).toMatchObject({ id: 'small' });
  expect(await items.kvflow.fail('kv-queue-take', { bucket, queue })).toMatchObject({
    code: 'VALUE_TOO_LARGE',
  });
  expect(await mails.info()).toMatchObject({ length: 2, dead: 0 });
  // With its id beside it it would be too large: it is put aside as it is.
  const { value: most } = await items.get('mails.item.full');
  await items.remove('mails.item.full');
  const nearly = String(most)
    .replace(/x{300}/, '')
    .replace('"tries":5', '"tries":5000');
  for (const n of [1, 2]) {
    await items.put('mails.item.a', nearly);
    expect((await mails.take()).taken).toBe(false);
    expect(await mails.info()).toMatchObject({ length: 1, dead: n });
  }
});

test('kv-queue-dead - what alone cannot be pushed again stays, is told, and stops no other', async () => {
  await using items = await startBucket(bucket, { key_ttl: true, max_value_size: 1_000 });
  const mails = queueIn(items.kvflow);
  // Put there by hand: as an item it is longer, and as an id this is no key.
  await items.put('mails.dead.a', '"'.repeat(900));
  await items.put('mails.dead.b-5', JSON.stringify({ value: 'v', tries: 5, id: 'b b' }));
  await items.put('mails.dead.c', taken('v'));
  expect(await mails.replay()).toMatchObject({
    replayed: 1,
    failures: [
      { key: 'mails.dead.a', code: 'VALUE_TOO_LARGE', message: expect.stringContaining('max_value_size') },
      { key: 'mails.dead.b-5', code: 'INVALID_INPUT' },
    ],
  });
  expect(await mails.info()).toMatchObject({ length: 1, dead: 2 });
});

test('kv-queue-dead - take the right to the bucket of the queue, and to no other', async () => {
  await using items = await startBucket(bucket, { key_ttl: true });
  const k = items.kvflow;
  await bucketOf(k, 'others').create({ key_ttl: true });
  await items.put('mails.dead.a', taken('mine'));
  const mine = { ...EVERYTHING, name: 'mine', buckets: [bucket] };
  const others = { ...EVERYTHING, name: 'others', buckets: ['others'] };
  for (const name of ['kv-queue-dead-list', 'kv-queue-dead-replay', 'kv-queue-dead-drop'])
    expect(await k.fail(name, { bucket, queue }, { principal: others })).toMatchObject({ code: 'FORBIDDEN' });
  const reader = { ...mine, readOnly: true };
  for (const name of ['kv-queue-dead-replay', 'kv-queue-dead-drop'])
    expect(await k.fail(name, { bucket, queue }, { principal: reader })).toMatchObject({ code: 'FORBIDDEN' });
  expect(await k.call('kv-queue-dead-list', { bucket }, { principal: reader })).toMatchObject({
    letters: [{ value: 'mine' }],
  });
  const replayed = await k.call('kv-queue-dead-replay', { bucket, queue }, { principal: mine });
  expect(replayed).toMatchObject({ replayed: 1 });
});
