/** Pages of a listing as the dashboard holds them leave no key out that is there all the time, whatever is written meanwhile. */
import { expect, test } from '@jest/globals';
import type { ListItem } from '../../contract/types.gen.ts';
import type { KeyPages, LoadedPage } from '../../dashboard/src/pages/bucket-keys/key-pages.ts';
import { createKeyPages, PAGE_SIZE } from '../../dashboard/src/pages/bucket-keys/key-pages.ts';
import { createSortedKeys } from '../../dashboard/src/pages/bucket-keys/sorted-keys.ts';

/** A bucket in memory, listed by number as kv-key-list does it. */
function bucketOf(count: number) {
  const keys = new Map<string, number>();
  let seq = 0;
  const put = (key: string) => {
    keys.delete(key);
    keys.set(key, ++seq);
  };
  for (let i = 0; i < count; i++) put(`k${i}`);
  /** Done before a page is answered. */
  let before: (page: number) => void = () => undefined;
  /** Keys a page looks at, as if its time were over then. */
  let most = Number.POSITIVE_INFINITY;
  let pages = 0;
  const load = async (start: number, limit: number): Promise<LoadedPage> => {
    before(++pages);
    const left = [...keys].filter(([, sequence]) => sequence > start);
    const items = left
      .slice(0, Math.min(limit, most))
      .map(([key, sequence]) => ({ key, sequence }) as ListItem);
    return { items, next_seq: items.at(-1)?.sequence ?? start, has_more: left.length > items.length };
  };
  return {
    keys,
    put,
    load,
    meanwhile: (work: typeof before) => {
      [before, pages] = [work, 0];
    },
    looksAt: (keysAtOnce: number) => {
      most = keysAtOnce;
    },
  };
}

/** Answers come without any time between: none is under way then. */
const settled = () => new Promise(setImmediate);
const shown = (pages: KeyPages) => new Set(pages.kept().map(({ key }) => key));

/** Scrolls to the row and waits for what comes into view. */
async function scroll(pages: KeyPages, to: number): Promise<void> {
  pages.show(to, to + 20);
  await settled();
}

/** From the first row to the last: the keys of each row that was in view. */
async function throughAll(pages: KeyPages): Promise<string[]> {
  const found: string[] = [];
  for (let at = 0; ; at += 20) {
    await scroll(pages, at);
    const { count, more } = pages.state.get();
    for (let index = at; index < Math.min(at + 20, count); index++) found.push(pages.row(index)?.key ?? '');
    if (at + 20 >= count && !more) return found;
  }
}

test('pages of keys - scrolled through while all keys are written again, none is left out', async () => {
  const bucket = bucketOf(5 * PAGE_SIZE);
  const pages = createKeyPages(bucket.load);
  pages.open();
  await settled();
  let at = 0;
  bucket.meanwhile(page => {
    for (let i = 0; i < 50 && page < 20; i++, at += 37) bucket.put(`k${at % bucket.keys.size}`);
  });
  const found = new Set(await throughAll(pages));
  expect([...bucket.keys.keys()].filter(key => !found.has(key))).toEqual([]);
});

test('pages of keys - one that is read again and ends early is read on to where the next begins', async () => {
  const bucket = bucketOf(3 * PAGE_SIZE);
  const pages = createKeyPages(bucket.load);
  pages.open();
  await settled();
  await throughAll(pages);
  bucket.looksAt(30);
  pages.refresh();
  await scroll(pages, 0);
  const found = await throughAll(pages);
  expect(found).toEqual([...bucket.keys.keys()]);
});

test('pages of keys - what leaves a page that is read again is found behind all others, not before the next refresh', async () => {
  const bucket = bucketOf(4 * PAGE_SIZE - 50);
  const pages = createKeyPages(bucket.load);
  pages.open();
  await settled();
  await throughAll(pages);
  await scroll(pages, 3 * PAGE_SIZE + 10);
  // The first page is forgotten by now, and is read again on the way back: the last one is still kept.
  for (let i = 0; i < 10; i++) bucket.put(`k${i}`);
  await scroll(pages, PAGE_SIZE + 10);
  await scroll(pages, 3 * PAGE_SIZE + 10);
  for (let i = 0; i < 10; i++) expect(shown(pages)).toContain(`k${i}`);
});

test('pages of keys - what could not be read again is asked for once more', async () => {
  const bucket = bucketOf(20);
  const pages = createKeyPages(bucket.load);
  pages.open();
  await settled();
  bucket.put('new');
  bucket.meanwhile(page => {
    if (page === 1) throw new Error('away');
  });
  pages.refresh();
  await settled();
  expect(pages.state.get().error).toBeDefined();
  pages.retry();
  await settled();
  expect(pages.state.get().error).toBeUndefined();
  expect(shown(pages)).toContain('new');
});

test('pages of keys - short ones, of which many are in view, are asked for once', async () => {
  const bucket = bucketOf(40);
  bucket.looksAt(4);
  let asked = 0;
  bucket.meanwhile(page => {
    asked = page;
    if (page > 50) throw new Error('asked without end');
  });
  const pages = createKeyPages(bucket.load);
  pages.open();
  await scroll(pages, 0);
  expect(pages.state.get()).toMatchObject({ count: 40, more: false, error: undefined });
  expect(asked).toBe(10);
});

test('keys in another order - each is there once, as it was written last', async () => {
  const bucket = bucketOf(3_000);
  const pages = createSortedKeys('name', bucket.load);
  bucket.meanwhile(page => {
    // Of the first page, which is answered by then.
    for (let i = 0; i < 10 && page === 2; i++) bucket.put(`k${i}`);
  });
  pages.open();
  await settled();
  expect(pages.state.get()).toMatchObject({ reading: false, count: 3_000 });
  const rows = pages.kept();
  expect(rows.map(({ key, sequence }) => [key, sequence])).toEqual(
    [...bucket.keys].sort(([a], [b]) => (a < b ? -1 : 1)),
  );
});
