import { PackError } from '../../../../contract/errors.ts';
import type { Call } from '../../../core/call.ts';
import type { KvRemove } from '../../../core/ports/writes.ts';
import type { BucketHandle, Handles } from '../bucket/handles.ts';
import { markerHeaders, markerOperation } from '../headers/markers.ts';
import { createErase } from './erase.ts';
import type { LastWritten, Outgoing } from './outgoing.ts';
import { revisionConflict } from './refusals.ts';
import type { Writer } from './writer.ts';

const NOTHING = new Uint8Array(0);

/** Makes deletes and purges of one connection: both write a marker, which watchers and mirrors see (ADR-8). */
export function createRemove(
  handles: Handles,
  writer: Writer,
): (call: Call, removal: KvRemove) => Promise<number | undefined> {
  const erase = createErase(handles);
  return async (call, { bucket, key, operation, expectedRevision }) => {
    const handle = await handles.open(call, bucket);
    const encoded = handle.codec.encode(key);
    const found = await writer.last(call, handle, encoded);
    const conflict = { bucket, key, expected: expectedRevision ?? 0 };
    if (expectedRevision !== undefined && (found?.live ? found.seq : 0) !== expectedRevision) {
      throw revisionConflict(conflict, found);
    }
    if (!found || (!found.live && !hidesValues(operation, found))) return undefined;
    const marker = { key: encoded, value: NOTHING, headers: markerHeaders(operation, call.by) };
    try {
      return await store(call, handle, { marker, conflict, conditional: expectedRevision !== undefined });
    } catch (error) {
      if (!isFull(error)) throw error;
      // A marker needs room too. The server's own purge needs none, and makes some for it: watchers hear of the end.
      await erase(call, { bucket, key, upTo: found.seq });
      return (await storeMissing(call, handle, marker)) ?? found.seq;
    }
  };

  async function store(call: Call, handle: BucketHandle, { marker, conflict, conditional }: Removal) {
    if (!conditional) return await writer.store(call, handle, marker);
    const outcome = await writer.storeOn(call, handle, { ...marker, expected: conflict.expected });
    if ('stored' in outcome) return outcome.stored;
    throw revisionConflict(conflict, outcome.conflict);
  }

  /** Undefined: there is no room even now, or the key was written again. It is gone all the same. */
  async function storeMissing(
    call: Call,
    handle: BucketHandle,
    marker: Outgoing,
  ): Promise<number | undefined> {
    try {
      const outcome = await writer.storeOn(call, handle, { ...marker, expected: 0 });
      return 'stored' in outcome ? outcome.stored : undefined;
    } catch (error) {
      if (isFull(error)) return undefined;
      throw error;
    }
  }
}

interface Removal {
  marker: Outgoing;
  conflict: { bucket: string; key: string; expected: number };
  conditional: boolean;
}

function isFull(error: unknown): boolean {
  return error instanceof PackError && error.code === 'BUCKET_FULL';
}

/** Under a delete marker history still has the values, which a purge is there to remove. */
function hidesValues(operation: KvRemove['operation'], { message }: LastWritten): boolean {
  return operation === 'purge' && markerOperation(message) === 'delete';
}
