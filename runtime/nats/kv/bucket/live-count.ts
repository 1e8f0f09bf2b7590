import type { Call } from '../../../core/call.ts';
import { isEntry } from '../../../core/ports/items.ts';
import type { StreamInfo } from '../../stream-types.ts';
import type { BatchReader } from '../read/batch.ts';
import { interpret } from '../read/read.ts';
import type { BucketHandle, Handles } from './handles.ts';

/** Keys of a bucket. */
export interface KeyCount {
  /** Live ones. */
  values: number;
  /** Markers of those that ended; undefined where they were counted with the live ones. */
  markers?: number;
  approximate?: true;
}

/** How many keys a bucket has: exactly, or all that the server counts, which says that it is approximate. */
export type LiveCount = (call: Call, info: StreamInfo) => Promise<KeyCount>;

/** What the server counts. */
export function approximateCount({ state }: StreamInfo): KeyCount {
  return { values: state.num_subjects ?? state.messages, approximate: true };
}

/** JetStream counts a deleted key's marker as a subject; telling them apart takes a look at each, so there is a limit. */
const MAX_KEYS = 10_000;
const MAX_BYTES = 8 * 1024 * 1024;
const MAX_CACHED = 10_000;

/** Makes the counter of one connection. It counts again only when the bucket has changed. */
export function createLiveCount(handles: Handles, batches: BatchReader): LiveCount {
  const counted = new Map<string, { state: string; count: KeyCount }>();
  return async (call, info) => {
    const { name, max_age = 0, allow_msg_ttl } = info.config;
    const { messages, last_seq, num_subjects = messages } = info.state;
    if (messages === 0) return { values: 0, markers: 0 };
    if (num_subjects > MAX_KEYS || info.state.bytes > MAX_BYTES) return approximateCount(info);
    const state = `${info.created} ${last_seq} ${messages}`;
    const before = counted.get(name);
    if (before?.state === state && max_age === 0 && !allow_msg_ttl) return before.count;
    const handle = await handles.open(call, name.slice('KV_'.length));
    const count = await countKeys(call, handle, batches);
    if (counted.size >= MAX_CACHED) counted.clear();
    counted.set(name, { state, count });
    return count;
  };
}

async function countKeys(call: Call, handle: BucketHandle, batches: BatchReader): Promise<KeyCount> {
  const live = new Map<string, boolean>();
  let seq = 1;
  for (;;) {
    const { messages, end } = await batches.next(call, handle, { seq, pattern: '>', batch: MAX_KEYS });
    for (const message of messages) live.set(message.subject, isEntry(interpret(handle, message, '')));
    seq = (messages.at(-1)?.seq ?? seq) + 1;
    if (!end && messages.length > 0) continue;
    live.delete(handle.readPrefix + handle.codec.guard);
    const values = [...live.values()].filter(Boolean).length;
    return { values, markers: live.size - values };
  }
}
