import type { Call } from '../../../core/call.ts';
import { answerBytesOf } from '../../../core/call.ts';
import type { KvEntry, KvMarker } from '../../../core/ports/items.ts';
import { hasOneCopy } from '../bucket/copies.ts';
import type { BucketHandle, Handles } from '../bucket/handles.ts';
import { serverNow } from '../bucket/server-clock.ts';
import { endMarked } from '../headers/markers.ts';
import type { BatchReader } from './batch.ts';
import { dropData, withSize } from './dropped-data.ts';
import { readAtLeader } from './leader-read.ts';
import { interpret } from './read.ts';
import type { StoredMessage } from './stored-message.ts';

/** The most values a bucket keeps of a key. */
const MAX_REVISIONS = 64;

/** Makes the reader of histories of one connection. */
export function createHistory(handles: Handles, batches: BatchReader) {
  return async (call: Call, bucket: string, key: string): Promise<(KvEntry | KvMarker)[]> => {
    const handle = await handles.open(call, bucket);
    const subject = handle.readPrefix + handle.codec.encode(key);
    const messages = hasOneCopy(handle)
      ? await fromBatches(call, handle, batches, subject)
      : await fromStreamLeader(call, handle, subject);
    return messages
      .filter((message, index) => hasEnded(message, messages[index + 1], serverNow(handle)))
      .map(message => withSize(interpret(handle, message, key), message));
  };
}

/** The marker of a value that lives still, or was followed by another before its end, is nothing that happened. */
function hasEnded(message: StoredMessage, next: StoredMessage | undefined, now: number): boolean {
  const end = endMarked(message);
  return end === undefined || (end <= now && (next === undefined || next.time >= end));
}

/** A batch ends early where values are large. */
async function fromBatches(call: Call, handle: BucketHandle, batches: BatchReader, pattern: string) {
  const messages: StoredMessage[] = [];
  for (let end = false; !end && messages.length < MAX_REVISIONS; ) {
    const seq = (messages.at(-1)?.seq ?? 0) + 1;
    const next = await batches.next(call, handle, { seq, pattern, batch: MAX_REVISIONS });
    messages.push(...next.messages);
    dropOldest(messages, answerBytesOf(call));
    end = next.end || next.messages.length === 0;
  }
  return messages;
}

/** With replicas only the leader has every acknowledged write; it answers one message at a time. */
async function fromStreamLeader(call: Call, handle: BucketHandle, subject: string): Promise<StoredMessage[]> {
  const messages: StoredMessage[] = [];
  for (let seq = 1; messages.length < MAX_REVISIONS; ) {
    const message = await readAtLeader(call, handle, { seq, next_by_subj: subject });
    if (!message) break;
    messages.push(message);
    dropOldest(messages, answerBytesOf(call));
    seq = message.seq + 1;
  }
  return messages;
}

/** Lets the oldest values go where all together have more bytes than may be answered: their sizes stay. */
function dropOldest(messages: StoredMessage[], most: number): void {
  let bytes = 0;
  for (const message of messages.toReversed()) {
    bytes += message.dropped ?? message.data.length;
    if (bytes > most && message.data.length > 0) dropData(message);
  }
}
