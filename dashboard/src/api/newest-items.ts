import type { ListItem } from '../../../contract/types.gen.ts';
import type { StoredText } from '../lib/bytes.ts';
import { codeOf } from './api-error.ts';
import { invoke } from './invoke.ts';

/** An item of a listing, with its value where that is small enough to be read with many others. */
export interface FoundItem extends Omit<ListItem, 'value' | 'encoding'> {
  stored?: StoredText;
}

/** Items last written, newest first, and where to go on. */
export interface NewestPage {
  items: FoundItem[];
  /** Sequence at which the next page begins, going back; 0: this was the last one. */
  next: number;
  /** Live keys that were looked at. */
  scanned: number;
}

/** What {@link newestItems} looks for. */
export interface NewestQuery {
  bucket: string;
  filter: string;
  /** Begins here, going back. Undefined: at the newest. */
  from?: number | undefined;
  /** Least items of a page, as long as there are more. */
  wanted?: number;
  /** Reads the values too. Default true. */
  values?: boolean;
  /** Keys that count, beside the filter. */
  matches?: (key: string) => boolean;
  signal?: AbortSignal;
}

const FIRST_SPAN = 200;
const MAX_ITEMS = 1_000;
/** Larger values are read one at a time, by who opens them. */
const SMALL = 16_384;
/** Looks at one click; then one may go on. */
const MAX_LOOKS = 25;

/**
 * The latest items of a bucket. kvflow lists in the order of writing, so this lists ranges from the end of the bucket
 * towards its beginning, wider ones where they turn out to hold little. A bucket that is not there has none.
 */
export async function newestItems(query: NewestQuery): Promise<NewestPage> {
  try {
    return await lookBack(query);
  } catch (error) {
    if (codeOf(error) === 'BUCKET_NOT_FOUND') return { items: [], next: 0, scanned: 0 };
    throw error;
  }
}

async function lookBack({
  bucket,
  filter,
  from,
  wanted = 60,
  values = true,
  matches = () => true,
  signal,
}: NewestQuery): Promise<NewestPage> {
  let end = from ?? (await invoke('kv-bucket-info', { bucket }, { signal })).last_seq;
  let span = FIRST_SPAN;
  let scanned = 0;
  const found: ListItem[] = [];
  for (let look = 0; look < MAX_LOOKS && end > 0 && found.length < wanted; look++) {
    const start = Math.max(0, end - span);
    const limit = Math.min(MAX_ITEMS, span);
    const input = { bucket, filter, start_seq: start, limit, include_values: false };
    const { items, has_more, next_seq } = await invoke('kv-key-list', input, { signal });
    if (has_more && next_seq < end) {
      // More in there than one answer holds.
      span = Math.max(MAX_ITEMS, Math.floor(span / 4));
      continue;
    }
    const own = items.filter(({ sequence }) => sequence <= end);
    scanned += own.length;
    found.push(...own.filter(({ key }) => matches(key)).reverse());
    end = start;
    if (own.length < limit / 4) span *= 8;
  }
  return { items: values ? await withValues(bucket, found, signal) : found, next: end, scanned };
}

async function withValues(
  bucket: string,
  items: readonly ListItem[],
  signal: AbortSignal | undefined,
): Promise<FoundItem[]> {
  const keys = items.filter(({ size = 0 }) => size <= SMALL).map(({ key }) => key);
  const stored = new Map<string, StoredText>();
  for (let at = 0; at < keys.length; at += MAX_ITEMS) {
    const input = { bucket, keys: keys.slice(at, at + MAX_ITEMS) };
    const answer = await invoke('kv-key-get-many', input, { signal });
    for (const { key, value, encoding } of answer.items) stored.set(key, { value: String(value), encoding });
  }
  return items.map(item => {
    const value = stored.get(item.key);
    return value ? { ...item, stored: value } : item;
  });
}
