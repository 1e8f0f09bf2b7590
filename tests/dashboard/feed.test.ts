/** What the page Live keeps of the changes that come. */
import { expect, test } from '@jest/globals';
import type { Change } from '../../dashboard/src/api/change.ts';
import { changedLine } from '../../dashboard/src/pages/live/changed-line.ts';
import { createFeed } from '../../dashboard/src/pages/live/feed.ts';
import { foldByKey } from '../../dashboard/src/pages/live/fold.ts';
import { createMatcher } from '../../dashboard/src/pages/live/matcher.ts';

const put = (revision: number, value = 'x'): Change => ({
  operation: 'put',
  key: `k.${revision}`,
  revision,
  value,
  created_at: '2026-01-31T12:00:00Z',
});
const puts = (from: number, count: number) => Array.from({ length: count }, (_, index) => put(from + index));
const shown = (feed: ReturnType<typeof createFeed>) => feed.state.get().rows.map(({ revision }) => revision);

/** The feed after its next batch is shown. */
function settled(feed: ReturnType<typeof createFeed>): Promise<void> {
  return new Promise(resolve => {
    const end = feed.state.subscribe(() => {
      end();
      resolve();
    });
  });
}

test('feed - many pushes make one rendering, newest first, and no more than the limit is kept', async () => {
  const feed = createFeed({ rows: 100, everyMs: 1 });
  let renderings = 0;
  feed.state.subscribe(() => {
    renderings += 1;
  });
  for (let revision = 1; revision <= 1_000; revision++) feed.push('b', [put(revision)]);
  await settled(feed);
  expect(renderings).toBe(1);
  expect(shown(feed)).toEqual(Array.from({ length: 100 }, (_, index) => 1_000 - index));
  expect(feed.state.get().counts.put).toBe(1_000);
  expect(feed.lastRevision()).toBe(1_000);
});

test('feed - values beyond the room are let go, their changes are not', async () => {
  const feed = createFeed({ characters: 10, everyMs: 1 });
  feed.push('b', [put(1, 'aaaa'), put(2, 'bbbb'), put(3, 'cccc')]);
  await settled(feed);
  const rows = feed.state.get().rows.map(({ value, forgotten }) => [value, forgotten]);
  expect(rows).toEqual([
    ['cccc', undefined],
    ['bbbb', undefined],
    [undefined, true],
  ]);
});

test('feed - while it is paused nothing moves and all that comes is counted; then it goes on without a gap', async () => {
  const feed = createFeed({ rows: 50, everyMs: 1 });
  feed.push('b', puts(1, 10));
  feed.pause();
  feed.push('b', puts(11, 20));
  await settled(feed);
  expect(feed.state.get()).toMatchObject({ paused: true, waiting: 20 });
  expect(shown(feed)[0]).toBe(10);
  feed.resume();
  expect(shown(feed)).toEqual(Array.from({ length: 30 }, (_, index) => 30 - index));
  feed.pause();
  feed.push('b', puts(31, 5_000));
  await settled(feed);
  expect(feed.state.get().waiting).toBe(5_000);
  feed.resume();
  expect(shown(feed)).toEqual(Array.from({ length: 50 }, (_, index) => 5_030 - index));
  expect(feed.state.get()).toMatchObject({ waiting: 0, paused: false, counts: { put: 5_030 } });
});

test('feed - cleared, it begins anew, also with what waited', async () => {
  const feed = createFeed({ everyMs: 1 });
  feed.push('b', puts(1, 3));
  await settled(feed);
  feed.pause();
  feed.push('b', puts(4, 3));
  feed.clear();
  expect(feed.state.get()).toMatchObject({ rows: [], waiting: 0, counts: { put: 0 } });
  feed.resume();
  feed.push('b', [put(9)]);
  await settled(feed);
  expect(shown(feed)).toEqual([9]);
});

test('matcher - finds text in key and value whatever the case, and leaves operations out', () => {
  const rows = [
    put(1, 'Needle'),
    { ...put(2), key: 'NEEDLE.key' },
    put(3),
    { ...put(4, 'needle'), operation: 'delete' as const },
  ].map(change => ({ ...change, bucket: 'b' }));
  const found = createMatcher({ text: 'needle', hidden: new Set(['delete']) })(rows);
  expect(found.map(({ revision }) => revision)).toEqual([1, 2]);
});

test('feed - of several buckets each change names its own, and none is the place where all go on', async () => {
  const feed = createFeed({ everyMs: 1 });
  feed.push('one', [put(7)]);
  expect(feed.lastRevision()).toBe(7);
  feed.push('two', [put(2)]);
  await settled(feed);
  expect(feed.state.get().rows.map(({ bucket, revision }) => [bucket, revision])).toEqual([
    ['two', 2],
    ['one', 7],
  ]);
  expect(feed.lastRevision()).toBe(0);
});

test('fold - a key of a bucket is one row, the last change first, with how many there were and the one before', () => {
  const row = (bucket: string, key: string, revision: number) => ({ ...put(revision), bucket, key });
  const rows = [row('a', 'x', 9), row('b', 'x', 8), row('a', 'x', 7), row('a', 'y', 6), row('a', 'x', 5)];
  const folded = foldByKey(rows);
  expect(folded.map(({ bucket, key, revision, times }) => [bucket, key, revision, times])).toEqual([
    ['a', 'x', 9, 3],
    ['b', 'x', 8, 1],
    ['a', 'y', 6, 1],
  ]);
  expect(folded[0]?.before?.revision).toBe(7);
  expect(folded[1]?.before).toBeUndefined();
  // The rows themselves are as they were.
  expect(rows[0]).not.toHaveProperty('times');
});

test.each([
  ['{"a":1,"b":{"c":2}}', '{"a":1,"b":{"c":3},"d":null}', 'b.c 2 → 3, d added'],
  ['{"a":[1,2]}', '{"a":[1,5]}', 'a.1 2 → 5'],
  ['{"a":1}', '{}', 'a removed'],
  ['{"a":1}', '{ "a": 1 }', 'the same value'],
  ['{"id":9007199254740993}', '{"id":9007199254740992}', 'id 9007199254740993 → 9007199254740992'],
  ['{"id":9007199254740993}', '{"id": 9007199254740993}', 'the same value'],
  ['{"id":9007199254740993}', '{"id":"9007199254740993"}', 'id 9007199254740993 → "9007199254740993"'],
  ['{"id":9007199254740993}', '{"id":{"a":1}}', 'id 9007199254740993 → {"a":1}'],
  ['{"__proto__":1}', '{"toString":2}', '__proto__ removed, toString added'],
  ['text', '{"a":1}', undefined],
  [undefined, '{"a":1}', undefined],
])('changed line - from %s to %s: %s', (before, after, line) => {
  expect(changedLine(before, after)).toBe(line);
});
