import type { Call } from '../../../core/call.ts';
import { pipelined } from '../../../core/pipeline.ts';
import type { KvMany } from '../../../core/ports/items.ts';
import { isEntry } from '../../../core/ports/items.ts';
import { hasOneCopy } from '../bucket/copies.ts';
import type { Handles } from '../bucket/handles.ts';
import { isLaterForm, isOfLaterForm } from '../headers/form.ts';
import type { BatchReader } from './batch.ts';
import type { Reader } from './read.ts';
import { interpret } from './read.ts';

/** Read at once where the leader is asked for each key. */
const IN_FLIGHT = 64;

/**
 * Makes the reader of many keys of one connection: one request where the bucket has one copy. With `bytes` what a newer kvflow
 * wrote in a form of its own is among the unreadable; without, where nobody would hear of it, it throws UNSUPPORTED.
 */
export function createGetMany(handles: Handles, reader: Reader, batches: BatchReader) {
  return async (call: Call, bucket: string, keys: string[], bytes?: number): Promise<KvMany> => {
    const names = bytes !== undefined;
    const most = bytes ?? Number.POSITIVE_INFINITY;
    const handle = await handles.open(call, bucket);
    const subjects = keys.map((key, index) => handle.readPrefix + handle.codec.encode(key, `/keys/${index}`));
    // With replicas only the leader has every acknowledged write, and it answers one key at a time.
    if (!hasOneCopy(handle)) return await oneByOne(call, reader, { bucket, keys, bytes: most, names });
    const { messages, leftOut, ...damaged } = await batches.lastWithin(
      call,
      handle,
      [...new Set(subjects)],
      most,
    );
    const later = names ? messages.filter(isLaterForm) : [];
    const unreadable = [...damaged.unreadable, ...later.map(({ subject }) => subject)];
    const readable = later.length === 0 ? messages : messages.filter(message => !isLaterForm(message));
    const bySubject = new Map(readable.map(message => [message.subject, message]));
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
  { bucket, keys, bytes, names }: { bucket: string; keys: string[]; bytes: number; names: boolean },
): Promise<KvMany> {
  const found: KvMany['found'] = keys.map(() => undefined);
  const [leftOut, unreadable]: [string[], string[]] = [[], []];
  let left = bytes;
  await pipelined(keys, IN_FLIGHT, async (key, index) => {
    if (left <= 0) {
      leftOut.push(key);
      return;
    }
    try {
      const item = await reader.get(call, { bucket, key });
      if (isEntry(item)) left -= item.value.length;
      found[index] = item;
    } catch (error) {
      if (!names || !isOfLaterForm(error)) throw error;
      unreadable.push(key);
    }
  });
  return { found, leftOut, unreadable };
}
