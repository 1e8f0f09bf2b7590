import type { ExportedRecord } from '../../contract/types.gen.ts';
import { detailsOf } from './items.ts';
import type { KvEntry } from './ports/items.ts';
import { readValue } from './values.ts';

const NS_PER_MS = 1_000_000;

/** An item in the form that kv-bucket-import takes. `bucketTtl`: after how long all items of its bucket end, in nanoseconds. */
export function exportedRecord(entry: KvEntry, bucketTtl: number): ExportedRecord {
  const ttl = ownTtl(entry, bucketTtl);
  return {
    key: entry.key,
    ...readValue(entry.value),
    revision: entry.revision,
    ...detailsOf(entry),
    ...(ttl !== undefined && { ttl }),
  };
}

/** An item that expires as every item of its bucket does has no ttl of its own. */
function ownTtl({ createdAt, expiresAt }: KvEntry, bucketTtl: number): number | undefined {
  if (!expiresAt) return undefined;
  const milliseconds = Date.parse(expiresAt) - Date.parse(createdAt);
  // Both times are cut to the millisecond, and an item may live for less.
  return Math.abs(milliseconds - bucketTtl / NS_PER_MS) <= 1
    ? undefined
    : Math.max(1, milliseconds) * NS_PER_MS;
}
