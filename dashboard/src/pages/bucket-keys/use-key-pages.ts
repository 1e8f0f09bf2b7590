import { useEffect, useMemo } from 'react';
import { invoke } from '../../api/invoke.ts';
import { createRecent } from '../../lib/recent.ts';
import { useStore } from '../../lib/store.ts';
import type { KeyPages, PagesState } from './key-pages.ts';
import { createKeyPages } from './key-pages.ts';
import type { Filter } from './use-filter.ts';

/** Listings looked at last: going back to one shows it as it was left. */
const remembered = createRecent<KeyPages>(4);

/** The listing of a bucket under a filter, live keys or deleted ones, begun anew when one of these changes. */
export function useKeyPages(
  bucket: string,
  { pattern: filter, search }: Pick<Filter, 'pattern' | 'search'>,
  deleted: boolean,
): { pages: KeyPages; state: PagesState } {
  const pages = useMemo(
    () =>
      remembered(JSON.stringify([bucket, filter, deleted]), () =>
        createKeyPages((start_seq, limit, signal) => {
          if (search !== undefined && !deleted)
            return invoke('kv-key-find', { bucket, query: search, start_seq, limit }, { signal });
          const input = { bucket, filter, start_seq, limit, include_values: false, deleted };
          return invoke('kv-key-list', input, { signal });
        }),
      ),
    [bucket, filter, search, deleted],
  );
  useEffect(() => {
    pages.open();
    return pages.close;
  }, [pages]);
  return { pages, state: useStore(pages.state) };
}
