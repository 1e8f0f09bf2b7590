import { useEffect, useMemo } from 'react';
import { invoke } from '../../api/invoke.ts';
import { createRecent } from '../../lib/recent.ts';
import { useStore } from '../../lib/store.ts';
import type { KeyPages, PagesState } from './key-pages.ts';
import { createKeyPages } from './key-pages.ts';
import { createSortedKeys, type Order } from './sorted-keys.ts';
import type { Filter } from './use-filter.ts';

/** Listings looked at last: going back to one shows it as it was left. */
const remembered = createRecent<KeyPages>(4);

/** The listing of a bucket under a filter, live keys or deleted ones, begun anew when one of these changes. */
export function useKeyPages(
  bucket: string,
  { pattern: filter, search }: Pick<Filter, 'pattern' | 'search'>,
  { deleted, order }: { deleted: boolean; order: Order | undefined },
): { pages: KeyPages; state: PagesState } {
  const pages = useMemo(() => {
    const load = (start_seq: number, limit: number, signal: AbortSignal) => {
      if (search !== undefined && !deleted)
        return invoke('kv-key-find', { bucket, query: search, start_seq, limit }, { signal });
      const input = { bucket, filter, start_seq, limit, include_values: false, deleted };
      return invoke('kv-key-list', input, { signal });
    };
    return remembered(JSON.stringify([bucket, filter, deleted, order]), () =>
      order === undefined ? createKeyPages(load) : createSortedKeys(order, load),
    );
  }, [bucket, filter, search, deleted, order]);
  useEffect(() => {
    pages.open();
    return pages.close;
  }, [pages]);
  return { pages, state: useStore(pages.state) };
}
