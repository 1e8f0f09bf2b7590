import type { Call } from '../../../core/call.ts';
import type { KvPut } from '../../../core/ports/writes.ts';
import type { BucketHandle, Handles, Opened } from '../bucket/handles.ts';
import { itemHeaders } from '../headers/ends.ts';
import { isoTime } from '../read/read.ts';
import { noteWitness } from '../read/witness.ts';
import type { Store } from '../transact/group.ts';
import type { Outgoing } from './outgoing.ts';
import { revisionConflict } from './refusals.ts';
import { checkTtl, withEnd } from './ttl.ts';
import type { Writer } from './writer.ts';
import { expiryFromNow } from './writer.ts';

/** A put that is acknowledged: its revision, and when it expires. */
export interface PutResult {
  revision: number;
  expiresAt?: string;
}

/** Makes the put of one connection; `store` is for those without a condition. */
export function createPut(
  handles: Handles,
  { writer, store }: { writer: Writer; store: Store },
): (call: Call, write: KvPut, opened?: Opened) => Promise<PutResult> {
  return async (call, write, opened = handles.open(call, write.bucket)) => {
    const handle = opened instanceof Promise ? await opened : opened;
    const message = toMessage(call, handle, write);
    const expiresAt = endTold(handle, write);
    const revision =
      write.expectedRevision === undefined
        ? await store(call, handle, message)
        : await putOn(call, handle, { message, write, expected: write.expectedRevision });
    noteWitness(handle, handle.readPrefix + message.key);
    return expiresAt === undefined ? { revision } : { revision, expiresAt };
  };

  async function putOn(
    call: Call,
    handle: BucketHandle,
    { message, write, expected }: { message: Outgoing; write: KvPut; expected: number },
  ): Promise<number> {
    const outcome = await writer.storeOn(call, handle, { ...message, expected });
    if ('stored' in outcome) return outcome.stored;
    throw revisionConflict({ bucket: write.bucket, key: write.key, expected }, outcome.conflict);
  }
}

/** Checked, as far as it can be before it is sent. */
function toMessage(call: Call, handle: BucketHandle, write: KvPut): Outgoing {
  const { key, value, ttl } = write;
  if (ttl !== undefined) checkTtl(handle, ttl);
  handle.checkValue?.(value, '/value');
  return {
    key: handle.codec.encode(key),
    value: typeof value === 'string' ? Buffer.from(value) : value,
    headers: itemHeaders(withEnd(handle, call.by ? { ...write, by: call.by } : write)),
  };
}

/** RFC 3339; undefined: it has no ttl. */
function endTold(handle: BucketHandle, { ttl, ttlAt, endsAt }: KvPut): string | undefined {
  if (ttl === undefined) return undefined;
  return endsAt !== undefined && ttlAt === undefined ? isoTime(endsAt) : expiryFromNow(handle, ttl);
}
