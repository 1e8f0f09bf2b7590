import type { KvAbout, KvEntry } from '../../../core/ports/items.ts';
import { isEntry } from '../../../core/ports/items.ts';
import type { KvChange, KvChanged, KvOperation } from '../../../core/ports/transactions.ts';
import type { BucketHandle } from '../bucket/handles.ts';
import { serverNow } from '../bucket/server-clock.ts';
import { withAbout, withoutSchedule } from '../headers/about.ts';
import { itemHeaders, keptHeaders, keptWithTtl, ownEnd } from '../headers/ends.ts';
import type { MessageHeaders } from '../headers/texts.ts';
import { interpret, isoTime } from '../read/read.ts';
import type { StoredMessage } from '../read/stored-message.ts';
import { checkTtl } from '../write/ttl.ts';
import { expiryFromNow } from '../write/writer.ts';
import type { Guards, Resolved } from './plan-types.ts';
import type { Snapshot } from './together.ts';

/** Keys (encoded) that changes are worked out from. */
export function keysToRead(handle: BucketHandle, operations: readonly KvOperation[]): string[] {
  return operations.flatMap((operation, index) => {
    if (operation.op !== 'change') return [];
    const { key, from = key } = operation;
    const at = `/operations/${index}`;
    return [handle.codec.encode(key, `${at}/key`), handle.codec.encode(from, `${at}/from`)];
  });
}

/**
 * Works out the changes from what was read, each on top of those before it, and guards what they were worked out from:
 * in `soft`, since another's write only means to work them out again.
 */
export function resolveChanges(
  handle: BucketHandle,
  operations: readonly KvOperation[],
  { snapshot, soft }: { snapshot: Snapshot; soft: Guards },
): Resolved[] {
  if (operations.every(isWorkedOut)) return operations.slice();
  const written = new Map<string, Left>();
  const now = serverNow(handle);
  return operations.map((operation, index) => {
    if (operation.op !== 'change') {
      written.set(handle.codec.encode(operation.key), leftBy(operation, index, now));
      return operation;
    }
    const { key, from = key, change } = operation;
    const source = handle.codec.encode(from);
    const target = handle.codec.encode(key);
    const before =
      written.get(source) ?? live(handle, snapshot.bySubject.get(handle.readPrefix + source), from);
    const changed = change(before.entry);
    for (const [encoded, name] of [
      [source, from],
      [target, key],
    ] as const) {
      if (written.has(encoded)) continue;
      const revision = snapshot.bySubject.get(handle.readPrefix + encoded)?.seq ?? 0;
      soft.set(encoded, { key: name, expected: revision, sent: revision });
    }
    if (!changed) return { op: 'unchanged', key, revision: before.entry?.revision ?? 0 };
    if (changed.ttl !== undefined) checkTtl(handle, changed.ttl, `/operations/${index}/ttl`);
    const { headers: kept, ...end } = headersOf(handle, before, changed);
    const headers = source === target ? kept : withoutSchedule(kept);
    written.set(target, { entry: entryOf({ ...changed, key }), message: { headers, time: now } });
    return { op: 'changed', key, value: changed.value, headers, ...end };
  });
}

function isWorkedOut(operation: KvOperation): operation is Exclude<KvOperation, KvChange> {
  return operation.op !== 'change';
}

/** What a key has, in the stream or by an operation before. */
interface Left {
  entry: KvEntry | undefined;
  /** How it is stored, or will be. */
  message: { headers: MessageHeaders | undefined; time: number } | undefined;
}

function headersOf(handle: BucketHandle, { entry, message }: Left, changed: KvChanged) {
  const kept = entry && message;
  const bucketTtl = handle.origin.config.max_age ?? 0;
  if (changed.ttl !== undefined || !kept) {
    const headers = keptWithTtl(kept, changed.ttl);
    const end = changed.ttl === undefined ? {} : { expiresAt: expiryFromNow(handle, changed.ttl) };
    return { headers: withAbout(headers, changed), ...end };
  }
  const end = ownEnd(kept, bucketTtl);
  const headers = keptHeaders(kept, bucketTtl, serverNow(handle));
  return { headers: withAbout(headers, changed), ...(end !== undefined && { expiresAt: isoTime(end) }) };
}

function live(handle: BucketHandle, message: StoredMessage | undefined, key: string): Left {
  const found = message && interpret(handle, message, key);
  return { entry: isEntry(found) ? found : undefined, message };
}

/** What an operation leaves, for changes of the same key that follow. */
function leftBy(operation: Exclude<KvOperation, KvChange>, index: number, time: number): Left {
  if (operation.op !== 'put') return { entry: undefined, message: undefined };
  const headers = itemHeaders(operation, `/operations/${index}`);
  return { entry: entryOf(operation), message: { headers, time } };
}

/** An item that is not stored yet, so that it has no revision. */
function entryOf({
  key,
  value,
  contentType,
  metadata,
}: KvAbout & { key: string; value: string | Uint8Array }): KvEntry {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  const about = { ...(contentType && { contentType }), ...(metadata && { metadata }) };
  return { key, value: bytes, revision: 0, createdAt: isoTime(Date.now()), ...about };
}
