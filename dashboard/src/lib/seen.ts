import { createKeptList } from './kept-list.ts';

/** Addresses of keys that were opened lately. */
export const seenKeys = createKeptList('seen-keys', 30);

/** Addresses of buckets, with their filters, that somebody wants at hand. */
export const favourites = createKeptList('favourites', 100);
