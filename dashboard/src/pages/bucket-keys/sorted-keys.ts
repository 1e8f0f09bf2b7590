import type { ListItem } from '../../../../contract/types.gen.ts';
import { createStore } from '../../lib/store.ts';
import type { KeyPages, LoadedPage, PagesState } from './key-pages.ts';

/** Keys that are held and sorted; past them the search ends and says so. */
export const MAX_SORTED = 20_000;
const PAGE = 1_000;

/** Orders beside the one in which keys were written. */
export const ORDERS = {
  newest: 'Newest first',
  name: 'By name',
  largest: 'Largest first',
  expiry: 'Soonest to expire',
} as const;

/** Name of an order. */
export type Order = keyof typeof ORDERS;

const COMPARE: Record<Order, (a: ListItem, b: ListItem) => number> = {
  newest: (a, b) => b.sequence - a.sequence,
  name: (a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0),
  largest: (a, b) => (b.size ?? 0) - (a.size ?? 0) || a.sequence - b.sequence,
  expiry: (a, b) => endOf(a) - endOf(b) || a.sequence - b.sequence,
};

/** A listing in another order than that of writing: all of it is read, page by page, and sorted as it comes in. */
export function createSortedKeys(
  order: Order,
  load: (startSeq: number, limit: number, signal: AbortSignal) => Promise<LoadedPage>,
): KeyPages {
  let ended = new AbortController();
  let rows: ListItem[] = [];
  const state = createStore<PagesState>({ count: 0, more: false, ready: false, error: undefined });
  return {
    state,
    row: index => rows[index],
    show: () => undefined,
    refresh: () => void read(),
    retry: () => void read(),
    kept: () => rows,
    open: () => void read(),
    close: () => ended.abort(),
  };

  async function read(): Promise<void> {
    ended.abort();
    ended = new AbortController();
    const { signal } = ended;
    // A key that is written meanwhile comes again, as it is by then.
    const found = new Map<string, ListItem>();
    let [start, scanned, unjudged] = [0, 0, 0];
    try {
      for (let more = true; more && found.size < MAX_SORTED; ) {
        const page = await load(start, PAGE, signal);
        for (const item of page.items) found.set(item.key, item);
        scanned += page.scanned ?? page.items.length;
        unjudged += page.unjudged?.length ?? 0;
        start = page.next_seq;
        more = page.has_more;
        rows = [...found.values()].sort(COMPARE[order]).slice(0, MAX_SORTED);
        const cut = more && found.size >= MAX_SORTED;
        state.set({
          count: rows.length,
          more: false,
          ready: true,
          error: undefined,
          scanned,
          ...(unjudged > 0 && { unjudged }),
          reading: more && !cut,
          cut,
        });
      }
    } catch (error) {
      if (!signal.aborted) state.set({ ...state.get(), ready: true, reading: false, error });
    }
  }
}

/** An item without an end is last. */
function endOf({ expires_at }: ListItem): number {
  return expires_at === undefined ? Number.MAX_VALUE : Date.parse(expires_at);
}
