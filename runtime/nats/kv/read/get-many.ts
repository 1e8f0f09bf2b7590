import type { Call } from '../../../core/define-function.ts';
import type { KvEntry, KvMarker } from '../../../core/ports.ts';
import { hasOneCopy } from '../bucket/copies.ts';
import type { Handles } from '../bucket/handles.ts';
import type { BatchReader } from './batch.ts';
import type { Reader } from './read.ts';
import { interpret } from './read.ts';

/** Makes the reader of many keys of one connection: one request where the bucket has one copy. */
export function createGetMany(handles: Handles, reader: Reader, batches: BatchReader) {
  return async (call: Call, bucket: string, keys: string[]): Promise<(KvEntry | KvMarker | undefined)[]> => {
    const handle = await handles.open(call, bucket);
    const subjects = keys.map((key, index) => handle.readPrefix + handle.codec.encode(key, `/keys/${index}`));
    // With replicas only the leader has every acknowledged write, and it answers one key at a time.
    if (!hasOneCopy(handle)) return await Promise.all(keys.map(key => reader.get(call, { bucket, key })));
    const found = await batches.last(call, handle, [...new Set(subjects)]);
    const bySubject = new Map(found.map(message => [message.subject, message]));
    return keys.map((key, index) => {
      const message = bySubject.get(subjects[index] ?? '');
      return message && interpret(handle, message, key);
    });
  };
}
