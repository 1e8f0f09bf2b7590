import type { WrittenBy } from '../../../contract/written-by.ts';

/** What is kept of an item beside its value, until it is put again. */
export interface KvAbout {
  /** Media type of the value. */
  contentType?: string;
  /** The caller's own names and texts; at most 1 KiB as JSON. */
  metadata?: Record<string, string>;
}

/** When and how a waiting item is to be put. */
export interface KvScheduled {
  /** Milliseconds since 1970, by the server's clock. */
  at: number;
  /** Nanoseconds from then on. */
  ttl?: number;
  /** Only if the key is at this revision then. */
  expectedRevision?: number;
}

/** A live item. */
export interface KvEntry extends KvAbout {
  /** Who wrote it, where that is known. */
  by?: WrittenBy;
  /** Only of an item that waits to be put under another key. */
  scheduled?: KvScheduled;
  key: string;
  value: Uint8Array;
  revision: number;
  /** RFC 3339. */
  createdAt: string;
  /** RFC 3339; only where a ttl is set. */
  expiresAt?: string;
  /** Bytes of the value; only where it was left out. */
  size?: number;
  /** A newer kvflow wrote it in a form that this one would misread; only where that was asked for. */
  isUnreadable?: true;
}

/** What is left where an item was. */
export interface KvMarker {
  /** Who ended the item, where that is known. */
  by?: WrittenBy;
  operation: 'delete' | 'purge' | 'expire';
  revision: number;
  /** RFC 3339. */
  createdAt: string;
}

/** Many items, and the keys of which nothing can be said. */
export interface KvMany {
  /** In the order of the keys. */
  found: (KvEntry | KvMarker | undefined)[];
  /** Not read any more: the values had enough bytes. */
  leftOut: string[];
  /** The server has a record of the key and cannot read it, or a newer kvflow wrote it in a form of its own. */
  unreadable: string[];
}

/** Items that stood together. */
export interface KvTogether {
  /** In the order of the keys. */
  found: (KvEntry | KvMarker | undefined)[];
  /** The bucket's revision at which they did. */
  revision: number;
  /** As in {@link KvMany}. */
  unreadable: string[];
}

/** A read. */
export interface KvGet {
  bucket: string;
  key: string;
  revision?: number;
  /** Any replica or mirror may answer: faster, and maybe a moment old. */
  stale?: boolean;
  /** Nobody but kvflow writes the key: it is not looked for in the forms that other clients give to keys in base64. */
  isOwn?: boolean;
}

/** Whether a read found a live item. */
export function isEntry(found: KvEntry | KvMarker | undefined): found is KvEntry {
  return found !== undefined && 'value' in found;
}
