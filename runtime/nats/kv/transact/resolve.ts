import type { MsgHdrs } from '@nats-io/transport-node';
import { headers as newHeaders } from '@nats-io/transport-node';
import type { KvChange, KvEntry, KvOperation } from '../../../core/ports.ts';
import { isEntry } from '../../../core/ports.ts';
import type { BucketHandle } from '../bucket/handles.ts';
import { keptHeaders, keptWithTtl, ownEnd } from '../message-headers.ts';
import { interpret, isoTime } from '../read/read.ts';
import type { StoredMessage } from '../read/stored-message.ts';
import { checkTtl } from '../write/ttl.ts';
import { expiryFromNow, serverNow } from '../write/writer.ts';
import type { Guards } from './plan.ts';
import type { Snapshot } from './together.ts';

/** An operation with nothing left to be worked out. `unchanged`: nothing is to be written. */
export type Resolved =
  | Exclude<KvOperation, KvChange>
  | { op: 'changed'; key: string; value: string | Uint8Array; headers: MsgHdrs; expiresAt?: string }
  | { op: 'unchanged'; key: string; revision: number };

/** Keys (encoded) that changes are worked out from. */
export function keysToRead(handle: BucketHandle, operations: readonly KvOperation[]): string[] {
  return operations.flatMap((operation, index) => {
    if (operation.op !== 'change') return [];
    const { key, from = key } = operation;
    return [key, from].map(each => handle.codec.encode(each, `/operations/${index}/key`));
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
  const written = new Map<string, KvEntry | undefined>();
  return operations.map((operation, index) => {
    if (operation.op !== 'change') {
      written.set(handle.codec.encode(operation.key), entryOf(operation));
      return operation;
    }
    const { key, from = key, change } = operation;
    const source = handle.codec.encode(from);
    const target = handle.codec.encode(key);
    const message = snapshot.bySubject.get(handle.readPrefix + source);
    const found = written.has(source) ? written.get(source) : live(handle, message, from);
    const changed = change(found);
    for (const [encoded, name] of [
      [source, from],
      [target, key],
    ] as const) {
      if (written.has(encoded)) continue;
      const revision = snapshot.bySubject.get(handle.readPrefix + encoded)?.seq ?? 0;
      soft.set(encoded, { key: name, expected: revision, sent: revision });
    }
    if (!changed) return { op: 'unchanged', key, revision: found?.revision ?? 0 };
    if (changed.ttl !== undefined) checkTtl(handle, changed.ttl, `/operations/${index}/ttl`);
    written.set(target, entryOf({ key, value: changed.value }));
    return { op: 'changed', key, value: changed.value, ...headersOf(handle, found && message, changed.ttl) };
  });
}

function headersOf(handle: BucketHandle, message: StoredMessage | undefined, ttl: number | undefined) {
  const bucketTtl = handle.origin.config.max_age ?? 0;
  if (ttl === undefined) {
    const end = message && ownEnd(message, bucketTtl);
    const headers = message ? keptHeaders(message, bucketTtl, serverNow(handle)) : newHeaders();
    return { headers, ...(end !== undefined && { expiresAt: isoTime(end) }) };
  }
  return { headers: keptWithTtl(message, ttl), expiresAt: expiryFromNow(handle, ttl) };
}

function live(handle: BucketHandle, message: StoredMessage | undefined, key: string): KvEntry | undefined {
  const found = message && interpret(handle, message, key);
  return isEntry(found) ? found : undefined;
}

/** What an operation before leaves, for changes of the same key that follow; its revision is not known yet. */
function entryOf(operation: { key: string; value?: string | Uint8Array }): KvEntry | undefined {
  const { key, value } = operation;
  if (value === undefined) return undefined;
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return { key, value: bytes, revision: 0, createdAt: isoTime(Date.now()) };
}
