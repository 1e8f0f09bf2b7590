import type { Call } from '../../../core/call.ts';
import { pipelined } from '../../../core/pipeline.ts';
import type { KvMany } from '../../../core/ports.ts';
import { isEntry } from '../../../core/ports.ts';
import { hasOneCopy } from '../bucket/copies.ts';
import type { Handles } from '../bucket/handles.ts';
import type { BatchReader } from './batch.ts';
import type { Reader } from './read.ts';
import { interpret } from './read.ts';

/** Read at once where the leader is asked for each key. */
const IN_FLIGHT = 64;

/** Makes the reader of many keys of one connection: one request where the bucket has one copy. */
export function createGetMany(handles: Handles, reader: Reader, batches: BatchReader) {
  return async (
    call: Call,
    bucket: string,
    keys: string[],
    bytes = Number.POSITIVE_INFINITY,
  ): Promise<KvMany> => {
    const handle = await handles.open(call, bucket);
    const subjects = keys.map((key, index) => handle.readPrefix + handle.codec.encode(key, `/keys/${index}`));
    // With replicas only the leader has every acknowledged write, and it answers one key at a time.
    if (!hasOneCopy(handle)) return await oneByOne(call, reader, { bucket, keys, bytes });
    const { messages, leftOut, unreadable } = await batches.lastWithin(
      call,
      handle,
      [...new Set(subjects)],
      bytes,
    );
    const bySubject = new Map(messages.map(message => [message.subject, message]));
    const keysOf = (list: string[]) => {
      const those = new Set(list);
      return keys.filter((_key, index) => those.has(subjects[index] ?? ''));
    };
    const found = keys.map((key, index) => {
      const message = bySubject.get(subjects[index] ?? '');
      return message && interpret(handle, message, key);
    });
    return { found, leftOut: keysOf(leftOut), unreadable: keysOf(unreadable) };
  };
}

async function oneByOne(
  call: Call,
  reader: Reader,
  { bucket, keys, bytes }: { bucket: string; keys: string[]; bytes: number },
): Promise<KvMany> {
  const found: KvMany['found'] = keys.map(() => undefined);
  const leftOut: string[] = [];
  let left = bytes;
  await pipelined(keys, IN_FLIGHT, async (key, index) => {
    if (left <= 0) {
      leftOut.push(key);
      return;
    }
    const item = await reader.get(call, { bucket, key });
    if (isEntry(item)) left -= item.value.length;
    found[index] = item;
  });
  return { found, leftOut, unreadable: [] };
}
