/** kv-bucket-diff and kv-bucket-restore-at against a model that remembers everything. */
import { beforeAll, expect, test } from '@jest/globals';
import type { KvBucketDiffOutput, KvBucketRestoreAtOutput } from '../../contract/types.gen.ts';
import { calls } from '../support/calls.ts';
import { forAll } from '../support/for-all.ts';
import { startKvflow } from '../support/kvflow.ts';
import { createRandom } from '../support/random.ts';
import { seedOf } from '../support/seed.ts';

const HOUR = 3_600_000_000_000;
const KEYS = ['a', 'b.1', 'b.2', 'c'];
const SEED = seedOf('KVFLOW_MODEL_SEED');

const k = forAll(startKvflow);

beforeAll(async () => {
  console.info(`moments: seed ${SEED}`);
});

const diff = async (input: object) =>
  (await k.call('kv-bucket-diff', input)) as unknown as KvBucketDiffOutput;
const restoreAt = async (input: object) =>
  (await k.call('kv-bucket-restore-at', input)) as unknown as KvBucketRestoreAtOutput;

/** Every value by key, after each revision. */
type Past = Map<number, Record<string, string>>;

/** Writes at random and remembers what was there after each write. */
async function live(
  bucket: string,
  random: () => number,
  writes: number,
  start: Record<string, string> = {},
): Promise<Past> {
  const past: Past = new Map([[0, {}]]);
  let now = start;
  for (let i = 0; i < writes; i++) {
    const key = KEYS[Math.floor(random() * KEYS.length)] ?? 'a';
    now = { ...now };
    if (random() < 0.7) {
      const { revision } = await calls.put(k, { bucket, key, value: `v${i % 3}` });
      now[key] = `v${i % 3}`;
      past.set(revision, now);
    } else {
      const { revision } = (await k.call('kv-key-delete', { bucket, key })) as { revision?: number };
      delete now[key];
      if (revision) past.set(revision, now);
    }
  }
  return past;
}

async function state(bucket: string): Promise<Record<string, string>> {
  const { items } = await calls.list(k, { bucket });
  return Object.fromEntries(items.map(({ key, value }) => [key, value ?? '']));
}

test.each([64, 2])(
  'moments - what differs between any two revisions is what the model says, history %i',
  async history => {
    const random = createRandom(SEED).next;
    const bucket = `diff-${history}`;
    await calls.create(k, { bucket, history });
    const past = await live(bucket, random, 60);
    const revisions = [...past.keys()];
    const pick = () => revisions[Math.floor(random() * revisions.length)] ?? 0;
    for (let i = 0; i < 40; i++) {
      const [since_revision, until_revision] = [pick(), pick()].sort((a, b) => a - b) as [number, number];
      const { items, has_more } = await diff({ bucket, since_revision, until_revision, values: true });
      const [before, after] = [past.get(since_revision) ?? {}, past.get(until_revision) ?? {}];
      const expected = KEYS.filter(key => before[key] !== after[key]);
      const unknown = items.filter(({ change }) => change === 'unknown').map(({ key }) => key);
      const known = items.filter(({ change }) => change !== 'unknown');
      expect(has_more).toBe(false);
      expect(items.map(({ key }) => key)).toEqual(expect.arrayContaining(expected));
      // Only where values were dropped is anything unknown.
      if (history === 64) expect(unknown).toEqual([]);
      if (history === 64) expect(known.map(({ key }) => key).sort()).toEqual(expected.sort());
      for (const { key, before: was, after: is } of known.filter(each => history === 64 || each.before)) {
        expect({ since_revision, key, value: was?.value }).toEqual({
          since_revision,
          key,
          value: before[key],
        });
        if (is)
          expect({ until_revision, key, value: is.value }).toEqual({
            until_revision,
            key,
            value: after[key],
          });
      }
    }
  },
);

test('moments - a bucket is brought back to any revision, in one call or in many, and a dry run tells all of it', async () => {
  const random = createRandom(SEED + 1).next;
  const bucket = 'restore';
  await calls.create(k, { bucket, history: 64 });
  const past = await live(bucket, random, 40);
  for (let i = 0; i < 12; i++) {
    const revisions = [...past.keys()];
    const revision = revisions[Math.floor(random() * revisions.length)] ?? 0;
    const before = await state(bucket);
    const planned = await restoreAt({ bucket, revision, dry_run: true });
    expect(await state(bucket)).toEqual(before);
    const done = { put: 0, removed: 0, unchanged: 0, unknown: 0, conflicts: 0 };
    let next: object | undefined = { limit: i % 2 ? 1 : 1_000 };
    while (next) {
      const part: KvBucketRestoreAtOutput = await restoreAt({ bucket, revision, ...next });
      for (const name of Object.keys(done) as (keyof typeof done)[]) done[name] += part[name];
      const { has_more, next_seq, until_revision } = part;
      next = has_more ? { limit: 1, start_seq: next_seq, until_revision } : undefined;
    }
    expect(await state(bucket)).toEqual(past.get(revision));
    const { put, removed, unchanged, unknown, conflicts } = planned;
    expect(done).toEqual({ put, removed, unchanged, unknown, conflicts });
    expect(await restoreAt({ bucket, revision })).toMatchObject({ put: 0, removed: 0, conflicts: 0 });
    for (const [at, then] of await live(bucket, random, 3, past.get(revision)))
      if (at > 0) past.set(at, then);
  }
});

test('moments - a time is as good as a revision, and a filter leaves all else alone', async () => {
  const bucket = 'times';
  await calls.create(k, { bucket, history: 5, key_ttl: true });
  await k.call('kv-key-put', {
    bucket,
    key: 'b.1',
    value: '1',
    content_type: 'text/x',
    metadata: { m: 'x' },
    ttl: HOUR,
  });
  await calls.put(k, { bucket, key: 'a', value: '1' });
  const { items } = await calls.list(k, { bucket });
  const at =
    items
      .map(({ created_at }) => created_at)
      .sort()
      .at(-1) ?? '';
  // By the clock: the next write is of another millisecond.
  await expect(later(bucket, at)).resolves.toBeUndefined();
  await calls.put(k, { bucket, key: 'b.1', value: '2' });
  await calls.put(k, { bucket, key: 'b.2', value: '2' });
  await calls.put(k, { bucket, key: 'a', value: '2' });
  const changed = await diff({ bucket, since: at, filter: 'b.*' });
  expect(changed.items).toMatchObject([
    { key: 'b.1', change: 'changed', before: { content_type: 'text/x', metadata: { m: 'x' } } },
    { key: 'b.2', change: 'added' },
  ]);
  expect(await restoreAt({ bucket, at, filter: 'b.*' })).toMatchObject({ put: 1, removed: 1 });
  expect(await state(bucket)).toEqual({ a: '2', 'b.1': '1', clock: 'x' });
  const restored = await calls.get(k, { bucket, key: 'b.1' });
  expect(restored).toMatchObject({ content_type: 'text/x', metadata: { m: 'x' } });
  // It ends when it was to end, not an hour later than that.
  const first = items.find(({ key }) => key === 'b.1');
  expect(Math.abs(Date.parse(restored.expires_at ?? '') - Date.parse(first?.expires_at ?? ''))).toBeLessThan(
    1_000,
  );
});

async function later(bucket: string, than: string): Promise<void> {
  let last = than;
  while (last <= than) {
    await calls.put(k, { bucket, key: 'clock', value: 'x' });
    last = (await calls.get(k, { bucket, key: 'clock' })).created_at;
  }
}

test('moments - who writes after the call began is not written over', async () => {
  const bucket = 'meanwhile';
  await calls.create(k, { bucket, history: 5 });
  const first = await calls.put(k, { bucket, key: 'a', value: '1' });
  const second = await calls.put(k, { bucket, key: 'a', value: '2' });
  await calls.put(k, { bucket, key: 'a', value: 'newer' });
  const answer = await restoreAt({ bucket, revision: first.revision, until_revision: second.revision });
  expect(answer).toMatchObject({ conflicts: 1, put: 0, items: [{ key: 'a', outcome: 'conflicts' }] });
  expect(await state(bucket)).toEqual({ a: 'newer' });
});

test('moments - what a purge or newer values have taken the place of is unknown, and left alone', async () => {
  const bucket = 'unknown';
  await calls.create(k, { bucket, history: 2 });
  const { revision } = await calls.put(k, { bucket, key: 'a', value: '1' });
  await calls.put(k, { bucket, key: 'b.1', value: '1' });
  for (const value of ['2', '3']) await calls.put(k, { bucket, key: 'a', value });
  await k.call('kv-key-purge', { bucket, key: 'b.1' });
  await calls.put(k, { bucket, key: 'b.1', value: '2' });
  expect((await diff({ bucket, since_revision: revision })).items).toMatchObject([
    { key: 'a', change: 'unknown', after: { size: 1 } },
    { key: 'b.1', change: 'unknown' },
  ]);
  expect(await restoreAt({ bucket, revision })).toMatchObject({ unknown: 2, put: 0, removed: 0 });
  expect(await state(bucket)).toEqual({ a: '3', 'b.1': '2' });
});

test('moments - restored again, an item that ends is left as it is', async () => {
  const bucket = 'again';
  await calls.create(k, { bucket, history: 5, key_ttl: true });
  const { revision } = await calls.put(k, { bucket, key: 'a', value: '1', ttl: HOUR });
  await calls.put(k, { bucket, key: 'a', value: '2' });
  expect(await restoreAt({ bucket, revision })).toMatchObject({ put: 1 });
  expect(await restoreAt({ bucket, revision })).toMatchObject({ put: 0, unchanged: 1 });
});

test('moments - what waits to be put waits again for its own time', async () => {
  const bucket = 'waiting';
  await calls.create(k, { bucket, history: 5 });
  const put = (await k.call('kv-key-put', { bucket, key: 'a', value: '1', delay: HOUR })) as {
    due_at?: string;
  };
  const waiting = '_scheduled.a';
  const { revision } = await calls.get(k, { bucket, key: waiting });
  await k.call('kv-key-delete', { bucket, key: waiting });
  expect(await restoreAt({ bucket, revision })).toMatchObject({ put: 1 });
  const restored = (await k.call('kv-key-get', { bucket, key: waiting })) as { due_at?: string };
  expect(restored.due_at).toBe(put.due_at);
});

test('moments - the later one is not the earlier; between one and itself, and before the bucket, nothing changed', async () => {
  const bucket = 'between';
  await calls.create(k, { bucket, history: 2 });
  await calls.put(k, { bucket, key: 'a', value: '1' });
  await k.call('kv-key-purge', { bucket, key: 'a' });
  const reversed = { since_revision: 2, until_revision: 1 };
  expect(await k.fail('kv-bucket-diff', { bucket, ...reversed })).toMatchObject({
    code: 'INVALID_INPUT',
    errors: [{ pointer: '/until_revision' }],
  });
  expect(await diff({ bucket, since_revision: 0, until_revision: 0 })).toMatchObject({ items: [] });
  const before = { since: '2000-01-01T00:00:00Z', until: '2001-01-01T00:00:00Z' };
  expect(await diff({ bucket, ...before })).toMatchObject({ items: [] });
});

test.each([{ revision: 0 }, { at: '2001-01-01T00:00:00Z' }])(
  'moments - before everything nothing was there, whatever the history keeps: %j',
  async moment => {
    const bucket = `nothing-${Object.keys(moment)[0]}`;
    await calls.create(k, { bucket, history: 1 });
    for (const value of ['1', '2']) await calls.put(k, { bucket, key: 'a', value });
    const since = 'at' in moment ? { since: moment.at } : { since_revision: 0 };
    expect((await diff({ bucket, ...since })).items).toMatchObject([{ key: 'a', change: 'added' }]);
    expect(await restoreAt({ bucket, ...moment })).toMatchObject({ removed: 1, unknown: 0 });
    expect(await state(bucket)).toEqual({});
  },
);
