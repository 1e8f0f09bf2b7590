import type { Call } from '../../../core/call.ts';
import type { KvPut } from '../../../core/ports.ts';
import type { BucketHandle, Handles } from '../bucket/handles.ts';
import { itemHeaders } from '../message-headers.ts';
import { noteWitness } from '../read/witness.ts';
import type { Store } from '../transact/group.ts';
import type { Outgoing } from './outgoing.ts';
import { revisionConflict } from './refusals.ts';
import { checkTtl } from './ttl.ts';
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
): (call: Call, write: KvPut) => Promise<PutResult> {
  return async (call, write) => {
    const opened = handles.open(call, write.bucket);
    const handle = opened instanceof Promise ? await opened : opened;
    if (write.ttl !== undefined) checkTtl(handle, write.ttl);
    handle.checkValue?.(write.value, '/value');
    const message = {
      key: handle.codec.encode(write.key),
      value: typeof write.value === 'string' ? Buffer.from(write.value) : write.value,
      headers: itemHeaders(call.by ? { ...write, by: call.by } : write),
    };
    const end = write.ttl === undefined ? undefined : { expiresAt: expiryFromNow(handle, write.ttl) };
    const revision =
      write.expectedRevision === undefined
        ? await store(call, handle, message)
        : await putOn(call, handle, { message, write, expected: write.expectedRevision });
    noteWitness(handle, handle.readPrefix + message.key);
    return end ? { revision, ...end } : { revision };
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
