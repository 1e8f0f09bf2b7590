/** What the page Live keeps of the changes that come. */
import { expect, test } from '@jest/globals';
import type { Change } from '../../dashboard/src/api/change.ts';
import { createFeed } from '../../dashboard/src/pages/live/feed.ts';
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
  for (let revision = 1; revision <= 1_000; revision++) feed.push([put(revision)]);
  await settled(feed);
  expect(renderings).toBe(1);
  expect(shown(feed)).toEqual(Array.from({ length: 100 }, (_, index) => 1_000 - index));
  expect(feed.state.get().counts.put).toBe(1_000);
  expect(feed.lastRevision()).toBe(1_000);
});

test('feed - values beyond the room are let go, their changes are not', async () => {
  const feed = createFeed({ characters: 10, everyMs: 1 });
  feed.push([put(1, 'aaaa'), put(2, 'bbbb'), put(3, 'cccc')]);
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
  feed.push(puts(1, 10));
  feed.pause();
  feed.push(puts(11, 20));
  await settled(feed);
  expect(feed.state.get()).toMatchObject({ paused: true, waiting: 20 });
  expect(shown(feed)[0]).toBe(10);
  feed.resume();
  expect(shown(feed)).toEqual(Array.from({ length: 30 }, (_, index) => 30 - index));
  feed.pause();
  feed.push(puts(31, 5_000));
  await settled(feed);
  expect(feed.state.get().waiting).toBe(5_000);
  feed.resume();
  expect(shown(feed)).toEqual(Array.from({ length: 50 }, (_, index) => 5_030 - index));
  expect(feed.state.get()).toMatchObject({ waiting: 0, paused: false, counts: { put: 5_030 } });
});

test('feed - cleared, it begins anew, also with what waited', async () => {
  const feed = createFeed({ everyMs: 1 });
  feed.push(puts(1, 3));
  await settled(feed);
  feed.pause();
  feed.push(puts(4, 3));
  feed.clear();
  expect(feed.state.get()).toMatchObject({ rows: [], waiting: 0, counts: { put: 0 } });
  feed.resume();
  feed.push([put(9)]);
  await settled(feed);
  expect(shown(feed)).toEqual([9]);
});

test('matcher - finds text in key and value whatever the case, and leaves operations out', () => {
  const rows = [
    put(1, 'Needle'),
    { ...put(2), key: 'NEEDLE.key' },
    put(3),
    { ...put(4, 'needle'), operation: 'delete' as const },
  ];
  const found = createMatcher({ text: 'needle', hidden: new Set(['delete']) })(rows);
  expect(found.map(({ revision }) => revision)).toEqual([1, 2]);
});
