import { invalidField } from '../../contract/errors.ts';
import type { Call } from './call.ts';
import { lookUntil } from './look-time.ts';
import type { KvEntry } from './ports/items.ts';
import { isEntry } from './ports/items.ts';
import type { KvStore } from './ports/kv-store.ts';
import type { KvEvent } from './ports/watches.ts';
import { orEmpty } from './state/or-empty.ts';

/** Which live items to read, newest first. */
export interface NewestLive<Row> {
  bucket: string;
  filter: string;
  /** At most so many rows. */
  limit: number;
  /** The cursor of the page before. */
  cursor?: string | undefined;
  /** Which keys are meant, beside the filter. Default: all. */
  wants?: ((key: string) => boolean) | undefined;
  /** What is answered of an item; undefined: nothing. The item itself is not kept. */
  read(entry: KvEntry): Promise<Row | undefined> | Row | undefined;
}

/** A page of rows. */
export interface NewestRows<Row> {
  rows: Row[];
  /** Only where older ones may follow: a page may end before it is full where little is wanted of much. */
  cursor?: string;
}

const LOOKED_AT_ONCE = 1_000;
const READ_AT_ONCE = 100;
const LOOK_MS = 5_000;

/**
 * Reads live items by when they were written, the last one first. What is written between two pages comes first in the next
 * look from the beginning. A bucket that is not there has none.
 */
export async function newestLive<Row>(
  store: KvStore,
  call: Call,
  { bucket, filter, limit, cursor, wants, read }: NewestLive<Row>,
): Promise<NewestRows<Row>> {
  const kv = orEmpty(store);
  const until = lookUntil(call, LOOK_MS);
  const rows: Row[] = [];
  let before = cursor === undefined ? undefined : placeOf(cursor);
  for (;;) {
    const looked = wants ? LOOKED_AT_ONCE : limit - rows.length;
    const range = { bucket, filter, limit: looked, ...(before !== undefined && { before }) };
    const page = await kv.newestChanges(call, range);
    const changes = page.changes.filter(change => isEntry(change) && (wants?.(change.key) ?? true));
    for (let at = 0; at < changes.length; at += READ_AT_ONCE) {
      for (const { entry, revision } of await current(changes.slice(at, at + READ_AT_ONCE))) {
        const row = entry && (await read(entry));
        if (row === undefined) continue;
        rows.push(row);
        if (rows.length === limit) return { rows, cursor: String(revision) };
      }
    }
    if (!page.hasMore) return { rows };
    before = page.before;
    if (Date.now() >= until) return { rows, cursor: String(before) };
  }

  /** The item of each change, where it is the last of its key. */
  async function current(changes: KvEvent[]): Promise<{ entry: KvEntry | undefined; revision: number }[]> {
    const keys = changes.map(({ key }) => key);
    const found = await kv.getMany(call, bucket, keys);
    return changes.map(({ revision }, at) => {
      const entry = found[at];
      return { revision, entry: isEntry(entry) && entry.revision === revision ? entry : undefined };
    });
  }
}

function placeOf(cursor: string): number {
  const place = /^\d{1,15}$/.test(cursor) ? Number(cursor) : Number.NaN;
  if (Number.isNaN(place))
    throw invalidField(
      '/cursor',
      'is no cursor of a list by time; pass cursor of the page before, or leave it out',
    );
  return place;
}
