import { useEffect, useState } from 'react';
import { useQueryState } from '../../router/location.ts';

/** A pause in typing this long asks the server. */
const PAUSE_MS = 250;

/** What is typed into the filter, and the pattern that is asked for. Kept in the address. */
export interface Filter {
  text: string;
  /** As the server takes it; `>` for every key. */
  pattern: string;
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
  return { text: typed ?? asked, pattern: patternOf(asked), change: setTyped };
}

/** A dot at the end means what is below it. */
function patternOf(text: string): string {
  if (text === '') return '>';
  return text.endsWith('.') ? `${text}>` : text;
}
