import type { Call } from '../../../core/call.ts';
import { isEntry } from '../../../core/ports/items.ts';
import type { KvNewestChanges, KvNewestRange } from '../../../core/ports/pages.ts';
import type { KvEvent } from '../../../core/ports/watches.ts';
import type { BucketHandle, Handles } from '../bucket/handles.ts';
import { patternsOf } from '../bucket/key-patterns.ts';
import { GUARD_KEY } from '../guard-key.ts';
import { endMarked } from '../headers/markers.ts';
import type { BatchReader } from '../read/batch.ts';
import { toEntry } from '../read/read.ts';
import type { StoredMessage } from '../read/stored-message.ts';

const BATCH = 1_000;
/** Sequence numbers looked through at first, and at most, in one step back. */
const FIRST_STEP = 512;
const LONGEST_STEP = 65_536;
/** About what one step reads, values included, and what a page does: of large values it has fewer changes than were asked for. */
const STEP_BYTES = 4 * 1024 * 1024;
const PAGE_BYTES = 16 * 1024 * 1024;
/** The part of the call's time after which it answers what it has. */
const TIME_USED = 0.5;
const NO_VALUE = new Uint8Array(0);

/**
 * Makes the reader of the newest changes of one connection. A stream is read forward only, so steps of growing length are
 * read from its end backwards until there is enough.
 */
export function createNewestChanges(handles: Handles, batches: BatchReader) {
  return async (call: Call, range: KvNewestRange): Promise<KvNewestChanges> => {
    const handle = await handles.open(call, range.bucket);
    const { state } = await handle.api.streamInfo(call, handle.stream);
    const until = Date.now() + (call.deadline - Date.now()) * TIME_USED;
    let found: KvEvent[] = [];
    let end = Math.min(range.before ?? Number.POSITIVE_INFINITY, state.last_seq + 1);
    const size = Math.max(1, state.bytes / Math.max(1, state.messages));
    let step = Math.min(FIRST_STEP, Math.ceil(STEP_BYTES / size));
    while (found.length < range.limit && end > state.first_seq) {
      const start = Math.max(state.first_seq, end - step);
      const events = await changesBetween(call, handle, { ...range, start, end });
      found = [...events, ...found];
      end = start;
      if (Date.now() >= until || found.length * size >= PAGE_BYTES) break;
      step = Math.min(LONGEST_STEP, nextStep(step, events.length * size));
    }
    const changes = found.slice(-range.limit).toReversed();
    const before = found.length > range.limit ? (changes.at(-1)?.revision ?? end) : end;
    return { changes, before, hasMore: before > state.first_seq };
  };

  async function changesBetween(
    call: Call,
    handle: BucketHandle,
    { filter, start, end, limit }: KvNewestRange & { start: number; end: number },
  ): Promise<KvEvent[]> {
    const { subjects, everything, wants } = patternsOf(handle, [filter]);
    // One pattern is all that a batch takes.
    const pattern = everything || subjects.length > 1 ? '>' : (subjects[0] ?? '>');
    let events: KvEvent[] = [];
    for (let seq = start; seq < end; ) {
      const batch = Math.min(BATCH, end - seq);
      const { messages, end: isLast } = await batches.next(call, handle, { seq, pattern, batch });
      const within = messages.filter(message => message.seq < end);
      events.push(...within.flatMap(message => toEvent(handle, message)).filter(({ key }) => wants(key)));
      // More than is asked for is only counted on, never kept.
      events = events.slice(-limit - 1);
      seq = (messages.at(-1)?.seq ?? end) + 1;
      if (isLast) break;
    }
    return events;
  }
}

/** Longer where little was found in as many sequence numbers, shorter where much was. */
function nextStep(step: number, bytes: number): number {
  if (bytes > STEP_BYTES * 2) return Math.ceil(step / 4);
  return bytes * 4 > STEP_BYTES ? step : step * 4;
}

/** Nothing for what the form of a commit or of a ttl needs beside the values. */
function toEvent(handle: BucketHandle, message: StoredMessage): KvEvent[] {
  if (endMarked(message) !== undefined || !message.subject.startsWith(handle.readPrefix)) return [];
  const key = handle.codec.decode(message.subject.slice(handle.readPrefix.length));
  if (key === GUARD_KEY) return [];
  const entry = toEntry(handle, message, key);
  return isEntry(entry) ? [{ ...entry, value: NO_VALUE, size: message.data.length }] : [{ ...entry, key }];
}
