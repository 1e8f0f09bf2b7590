import type { WrittenBy } from '../../../contract/written-by.ts';

/** What to watch. */
export interface WatchRange {
  bucket: string;
  /** Key or pattern; all keys without it. */
  filter?: string | undefined;
  /** new: what is written from now on; current: first each key's latest value; history: first all that is kept. */
  start?: 'new' | 'current' | 'history';
}

/** A change of a key. `value` only with put. */
export interface Change {
  operation: 'put' | 'delete' | 'purge' | 'expire';
  key: string;
  revision: number;
  value?: string;
  /** Only where the value is no UTF-8 text. */
  encoding?: 'base64';
  created_at: string;
  expires_at?: string;
  /** Who made it, where that is known. */
  by?: WrittenBy;
}
