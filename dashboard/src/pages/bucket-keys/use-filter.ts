import { useEffect, useState } from 'react';
import { useQueryState } from '../../router/location.ts';

const TOKEN = '(?:\\*|[^\\s.*<>/:"]+)';
/** Tokens between dots, at least one of them a wildcard, as NATS has them. */
const PATTERN = new RegExp(`^(?=.*[*>])${TOKEN}(?:\\.${TOKEN})*(?:\\.>)?$`);

/** A pause in typing this long asks the server. */
const PAUSE_MS = 250;

/** What is typed into the filter, and the pattern that is asked for. Kept in the address. */
export interface Filter {
  text: string;
  /** As the server takes it; `>` for every key. */
  pattern: string;
  /** What is looked for where the text is no pattern: part of a name, a glob, size, age; see kv-key-find. */
  search: string | undefined;
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

/**
 * What a text means: `pattern` for what takes patterns alone, and `search` where it is none: a pattern has a wildcard, or a dot
 * at its end, which means what is below it.
 */
export function readFilter(text: string): Pick<Filter, 'pattern' | 'search'> {
  if (text === '') return { pattern: '>', search: undefined };
  if (/^[^\s<>*:"]*\.$/.test(text)) return { pattern: `${text}>`, search: undefined };
  return { pattern: text, search: text === '>' || PATTERN.test(text) ? undefined : text };
}
