import type { Call } from '../../../core/call.ts';
import { isEntry } from '../../../core/ports.ts';
import type { StreamInfo } from '../../stream-types.ts';
import type { BatchReader } from '../read/batch.ts';
import { interpret } from '../read/read.ts';
import type { BucketHandle, Handles } from './handles.ts';

/** How many keys of a bucket are live. */
export type LiveCount = (call: Call, info: StreamInfo) => Promise<number>;

/** JetStream counts a deleted key's marker as a subject; telling them apart takes a look at each, so there is a limit. */
const MOST_KEYS = 10_000;
const MOST_BYTES = 8 * 1024 * 1024;
const MOST_CACHED = 10_000;

/** Makes the counter of one connection. It counts again only when the bucket has changed. */
export function createLiveCount(handles: Handles, batches: BatchReader): LiveCount {
  const counted = new Map<string, { state: string; live: number }>();
  return async (call, info) => {
    const { name, max_age = 0, allow_msg_ttl } = info.config;
    const { messages, last_seq, num_subjects = messages } = info.state;
    if (messages === 0) return 0;
    if (num_subjects > MOST_KEYS || info.state.bytes > MOST_BYTES) return num_subjects;
    const state = `${info.created} ${last_seq} ${messages}`;
    const before = counted.get(name);
    if (before?.state === state && max_age === 0 && !allow_msg_ttl) return before.live;
    const handle = await handles.open(call, name.slice('KV_'.length));
    const live = await count(call, handle, batches);
    if (counted.size >= MOST_CACHED) counted.clear();
    counted.set(name, { state, live });
    return live;
  };
}

async function count(call: Call, handle: BucketHandle, batches: BatchReader): Promise<number> {
  const live = new Map<string, boolean>();
  let seq = 1;
  for (;;) {
    const { messages, end } = await batches.next(call, handle, { seq, pattern: '>', batch: MOST_KEYS });
    for (const message of messages) live.set(message.subject, isEntry(interpret(handle, message, '')));
    seq = (messages.at(-1)?.seq ?? seq) + 1;
    if (end || messages.length === 0) return [...live.values()].filter(Boolean).length;
  }
}
