import { readFilter } from './read-filter.ts';

/** What a function is told of the keys it is about. */
export interface KeyRange {
  filter: string;
  query?: string;
}

/** What makes a text a search rather than the name of a key. */
const SEARCH = /[\s*<>"]|^\/.*\/i?$|^(?:value|size|age|ttl|js):/;

/**
 * What a text means where something is done to keys: a name is that key alone, a pattern what it matches, and a search what
 * kv-key-find finds by it. Empty: every key.
 */
export function keyRange(text: string): KeyRange {
  const { pattern, search } = readFilter(text.trim());
  return search !== undefined && SEARCH.test(search) ? { filter: '>', query: search } : { filter: pattern };
}

/** The text of {@link keyRange} for what the box of the keys shows: there a part of a name is enough. */
export function rangeText(box: string): string {
  const { search } = readFilter(box.trim());
  return search !== undefined && !SEARCH.test(search) ? `*${search}*` : box;
}
