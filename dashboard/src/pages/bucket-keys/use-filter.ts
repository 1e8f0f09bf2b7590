import { useEffect, useState } from 'react';
import { type ReadFilter, readFilter } from '../../lib/read-filter.ts';
import { useQueryState } from '../../router/location.ts';

/** A pause in typing this long asks the server. */
const PAUSE_MS = 250;

/** What is typed into the filter, and the pattern that is asked for. Kept in the address. */
export interface Filter extends ReadFilter {
  text: string;
  change(text: string): void;
}

/** The filter of the page. */
export function useFilter(): Filter {
  const [query, changeQuery] = useQueryState();
  const asked = query.get('filter') ?? '';
  const [typed, setTyped] = useState<string>();
  useEffect(() => {
    if (typed === undefined) return;
    const timer = setTimeout(() => {
      changeQuery({ filter: typed.trim() || undefined });
      setTyped(undefined);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, changeQuery]);
  return { text: typed ?? asked, ...readFilter(asked), change: setTyped };
}
