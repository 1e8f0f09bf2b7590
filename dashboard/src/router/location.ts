import { useMemo } from 'react';
import { navigate as push, usePathname, useSearch } from 'wouter/use-browser-location';
import { leave } from './leaving.ts';

/** All addresses of the dashboard are below this, so that none is ever one of the API's. */
export const BASE = '/ui';

/**
 * The address of a page: `pathTo('buckets', bucket, 'keys', key)`. Each part is encoded on its own, so that it may hold
 * anything, slashes included. `query` leaves out what is undefined or empty.
 */
export function pathTo(...parts: (string | number)[]): string {
  return `${BASE}/${parts.map(part => encodeURIComponent(marked(String(part)))).join('/')}`;
}

/** The same with a query: `withQuery(pathTo('live'), { bucket })`. What is undefined or empty is left out. */
export function withQuery(path: string, query: Record<string, string | number | undefined>): string {
  const entries = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const text = new URLSearchParams(entries.map(([name, value]) => [name, String(value)])).toString();
  return text === '' ? path : `${path}?${text}`;
}

/**
 * Goes to an address made by {@link pathTo}. `replace`: Back does not return here. Where something on this page is not
 * saved it asks first, unless `saved` says that it is by now.
 */
export function navigate(path: string, { saved = false, ...options }: NavigateOptions = {}): void {
  const samePage = path.split('?', 1)[0] === location.pathname;
  if (samePage || saved) push(path, options);
  else leave(() => push(path, options));
}

/** How {@link navigate} goes there. */
export interface NavigateOptions {
  replace?: boolean;
  saved?: boolean;
}

/**
 * The parts of the open address, each decoded: `/ui/buckets/a/keys/b%2Fc` is `['buckets', 'a', 'keys', 'b/c']`. Read from
 * the address as it is: decoding it as a whole first would take a `%2F` that is part of a key for a slash.
 */
export function useParts(): string[] {
  const path = usePathname();
  return useMemo(() => partsOf(path), [path]);
}

function partsOf(path: string): string[] {
  const below = path.startsWith(`${BASE}/`) ? path.slice(BASE.length + 1) : path.slice(1);
  return below.split('/').filter(Boolean).map(decode);
}

/** Browsers take `.`, `..` and nothing for steps of the path, encoded or not: such a part has a `~` before it. */
function marked(part: string): string {
  return /^~*\.{0,2}$/.test(part) ? `~${part}` : part;
}

function decode(part: string): string {
  try {
    const text = decodeURIComponent(part);
    return /^~+\.{0,2}$/.test(text) ? text.slice(1) : text;
  } catch {
    return part;
  }
}

/** The query of the open address, and a way to change parts of it in place (Back does not step through the changes). */
export function useQueryState(): [
  query: URLSearchParams,
  change: (values: Record<string, string | undefined>) => void,
] {
  const search = useSearch();
  const query = useMemo(() => new URLSearchParams(search), [search]);
  return [query, changeQuery];
}

function changeQuery(values: Record<string, string | undefined>): void {
  const query = Object.fromEntries(new URLSearchParams(location.search));
  navigate(withQuery(location.pathname, { ...query, ...values }), { replace: true });
}
