import type { Call } from '../../../core/define-function.ts';
import type { KvRemove } from '../../../core/ports.ts';
import type { Handles } from '../bucket/handles.ts';
import { markerHeaders, markerOperation } from '../message-headers.ts';
import { revisionConflict } from './refusals.ts';
import type { LastWritten, Writer } from './writer.ts';

const NOTHING = new Uint8Array(0);

/** Makes deletes and purges of one connection: both write a marker, which watchers and mirrors see (ADR-8). */
export function createRemove(
  handles: Handles,
  writer: Writer,
): (call: Call, removal: KvRemove) => Promise<number | undefined> {
  return async (call, { bucket, key, operation, expectedRevision }) => {
    const handle = await handles.open(call, bucket);
    const encoded = handle.codec.encode(key);
    const found = await writer.last(call, handle, encoded);
    const conflict = { bucket, key, expected: expectedRevision ?? 0 };
    if (expectedRevision !== undefined && (found?.live ? found.seq : 0) !== expectedRevision) {
      throw revisionConflict(conflict, found);
    }
    if (!found || (!found.live && !hidesValues(operation, found))) return undefined;
    const marker = { key: encoded, value: NOTHING, headers: markerHeaders(operation) };
    if (expectedRevision === undefined) return await writer.store(call, handle, marker);
    const outcome = await writer.storeOn(call, handle, { ...marker, expected: expectedRevision });
    if ('stored' in outcome) return outcome.stored;
    throw revisionConflict(conflict, outcome.conflict);
  };
}

/** Under a delete marker history still has the values, which a purge is there to remove. */
function hidesValues(operation: KvRemove['operation'], { message }: LastWritten): boolean {
  return operation === 'purge' && markerOperation(message) === 'delete';
}
