import type { ListItem } from '../../../../contract/types.gen.ts';
import type { Rows } from '../../components/data-table/column.ts';
import { createStore, type Store } from '../../lib/store.ts';

/** Keys a page holds. */
export const PAGE_SIZE = 200;
/** Pages kept at either side of what is in view. */
const KEPT = 2;

/** A page as kv-key-list answers it. */
export interface LoadedPage {
  items: ListItem[];
  next_seq: number;
  has_more: boolean;
  /** Keys that were looked at; missing where every one is answered. */
  scanned?: number;
  /** Keys whose values a search with js: could not look at. */
  unjudged?: string[];
}

/** What the table needs to know of the pages. It changes with every page that comes. */
export interface PagesState {
  /** Rows known so far. */
  count: number;
  /** There is at least one more. */
  more: boolean;
  /** The first answer is there. */
  ready: boolean;
  error: unknown;
  /** Keys that a search has looked at so far. */
  scanned?: number;
  /** How many keys' values a search could not look at: whether they fit is not known. */
  unjudged?: number;
  /** All of it is being read, so that it can be sorted. */
  reading?: boolean;
  /** There is more than is sorted. */
  cut?: boolean;
}

/** Pages of a listing, of which only those near the view are kept. */
export interface KeyPages {
  state: Store<PagesState>;
  /** Undefined: being loaded. */
  row(index: number): ListItem | undefined;
  /** Rows that are in view now: loads what is missing around them and forgets what is far away. */
  show(first: number, last: number): void;
  /** Asks again for what is kept. */
  refresh(): void;
  /** After an error. */
  retry(): void;
  /** All rows that are kept at this moment. */
  kept(): ListItem[];
  /** Loads the first page. */
  open(): void;
  close(): void;
}

/** The rows of a table of them: those known so far, and one more where there is any. */
export function rowsOf({ row }: KeyPages, { count, more }: PagesState): Rows<ListItem> {
  return { length: count + (more ? 1 : 0), at: row };
}

interface Page {
  start: number;
  /** Where the next one starts; undefined until it was loaded. */
  end: number | undefined;
  count: number;
  items: ListItem[] | undefined;
  loading: boolean;
  /** Shown until it was asked for again. */
  stale: boolean;
}

/** A listing that goes on as it is scrolled. Of pages that are far away only their place is remembered. */
export function createKeyPages(
  load: (startSeq: number, limit: number, signal: AbortSignal) => Promise<LoadedPage>,
): KeyPages {
  let ended = new AbortController();
  let scanned = 0;
  const unjudged = new Set<string>();
  const pages: Page[] = [newPage(0)];
  const state = createStore<PagesState>({ count: 0, more: true, ready: false, error: undefined });
  let view = { first: 0, last: 0 };
  return {
    state,
    row,
    show,
    refresh,
    retry: () => show(view.first, view.last),
    kept,
    open,
    close: () => ended.abort(),
  };

  /** Shown again, it has its rows at once, and asks whether they are still so. */
  function open(): void {
    if (!ended.signal.aborted) return void fetchPage(0);
    ended = new AbortController();
    for (const page of pages) page.loading = false;
    refresh();
  }

  function row(index: number): ListItem | undefined {
    const { page, offset } = locate(index);
    return pages[page]?.items?.[offset];
  }

  function show(first: number, last: number): void {
    view = { first, last };
    const begin = locate(Math.max(0, first - PAGE_SIZE / 2)).page;
    const end = locate(last + PAGE_SIZE / 2).page;
    // Pages may be short, so that more of them are near: none that is loaded here is forgotten.
    const from = Math.min(begin, locate(first).page - KEPT);
    const to = Math.max(end, locate(last).page + KEPT);
    for (const [index, page] of pages.entries()) if (index < from || index > to) page.items = undefined;
    for (let index = begin; index <= end; index++) void fetchPage(index);
  }

  async function fetchPage(index: number): Promise<void> {
    const page = pages[index];
    if (!page || page.loading || (page.items && !page.stale)) return;
    const { signal } = ended;
    page.loading = true;
    page.stale = false;
    try {
      const loaded = await read(page, signal);
      if (page.end === undefined) scanned += loaded.scanned ?? 0;
      for (const key of loaded.unjudged ?? []) unjudged.add(key);
      take(page, loaded);
    } catch (error) {
      page.stale = true;
      if (!signal.aborted) state.set({ ...state.get(), ready: true, error });
      return;
    } finally {
      if (!signal.aborted) page.loading = false;
    }
    tell();
    // What is in view may have moved on meanwhile.
    show(view.first, view.last);
  }

  /** Read a second time, a page may end earlier for want of time: it is read on to where the next one starts. */
  async function read({ start, end }: Page, signal: AbortSignal): Promise<LoadedPage> {
    let loaded = await load(start, PAGE_SIZE, signal);
    while (end !== undefined && loaded.has_more && loaded.next_seq < end) {
      const rest = await load(loaded.next_seq, PAGE_SIZE, signal);
      const left = [...(loaded.unjudged ?? []), ...(rest.unjudged ?? [])];
      loaded = { ...rest, items: [...loaded.items, ...rest.items], unjudged: left };
    }
    return loaded;
  }

  function take(page: Page, { items, next_seq, has_more }: LoadedPage): void {
    const { end, count } = page;
    const last = pages.at(-1);
    const isLast = last === page;
    // Read a second time, a page may reach into the next one, for keys of its own are gone.
    page.items = isLast || end === undefined ? items : items.filter(({ sequence }) => sequence <= end);
    page.count = page.items.length;
    // Keys that are gone from it may have been written again, and are behind all others then.
    if (last && !isLast && page.count < count) last.stale = true;
    if (!isLast || !has_more) return;
    page.end = next_seq;
    pages.push(newPage(next_seq));
  }

  function tell(): void {
    const last = pages.at(-1);
    const count = pages.reduce((sum, page) => sum + page.count, 0);
    // A page that was never loaded has rows that nobody has counted yet.
    const more = last !== undefined && last.count === 0 && last.items === undefined;
    state.set({
      count,
      more,
      ready: true,
      error: undefined,
      ...(scanned > 0 && { scanned }),
      ...(unjudged.size > 0 && { unjudged: unjudged.size }),
    });
  }

  /** The rows stay in place until the new ones are there. */
  function refresh(): void {
    for (const page of pages) page.stale = true;
    show(view.first, view.last);
  }

  function kept(): ListItem[] {
    return pages.flatMap(({ items }) => items ?? []);
  }

  /** Beyond the last known row it is the last page, which is the one to be loaded next. */
  function locate(index: number): { page: number; offset: number } {
    let first = 0;
    for (const [page, { count }] of pages.entries()) {
      if (index < first + count) return { page, offset: index - first };
      first += count;
    }
    return { page: pages.length - 1, offset: index - first };
  }
}

function newPage(start: number): Page {
  return { start, end: undefined, count: 0, items: undefined, loading: false, stale: false };
}
