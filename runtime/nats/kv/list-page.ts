import type { Call } from '../../core/define-function.ts';
import type { KvEntry, KvListPage, KvPage } from '../../core/ports.ts';
import { isEntry } from '../../core/ports.ts';
import type { BatchReader } from './batch.ts';
import type { BucketHandle, Handles } from './handles.ts';
import { interpret } from './read.ts';
import type { StoredMessage } from './stored-message.ts';

/** Lists live items page by page, in the order of their sequence. */
export type ListPage = (call: Call, page: KvListPage) => Promise<KvPage>;

/** A page ends early, with more to come, once its values have this many bytes. */
const PAGE_BYTES = 8 * 1024 * 1024;
/** Markers are skipped in large steps: a page of few items in a bucket of many deleted ones takes few requests. */
const LEAST_BATCH = 64;

/** Makes the lister of one connection. */
export function createListPage(handles: Handles, batches: BatchReader): ListPage {
  return async (call, page) => {
    const handle = await handles.open(call, page.bucket);
    // The wildcard for everything spares the server a count of all matching subjects.
    const pattern = page.filter === '>' ? '>' : handle.readPrefix + handle.codec.encodeFilter(page.filter);
    const found = createCollector(handle, page.limit);
    let seq = page.startSeq + 1;
    for (;;) {
      const batch = Math.max(LEAST_BATCH, page.limit + 1 - found.count()) * revisionsPerKey(handle);
      const { messages, end } = await batches.next(call, handle, {
        seq,
        pattern,
        batch: Math.min(batch, 10_000),
      });
      found.add(await latestOnly(call, handle, batches, messages));
      seq = (messages.at(-1)?.seq ?? seq) + 1;
      if (end || messages.length === 0 || found.full()) return found.page();
    }
  };
}

/** Keeps live items until there is one more than asked for, which shows that another page follows. */
function createCollector(handle: BucketHandle, limit: number) {
  const bySubject = new Map<string, KvEntry>();
  let bytes = 0;
  return {
    count: () => bySubject.size,
    full: () => bySubject.size > limit || bytes > PAGE_BYTES,
    add: (messages: StoredMessage[]) => {
      for (const message of messages) {
        // A key that was written again while the page was read is further on with its new value.
        bySubject.delete(message.subject);
        const entry = liveEntry(handle, message);
        if (!entry) continue;
        bySubject.set(message.subject, entry);
        bytes += entry.value.length;
      }
    },
    page: (): KvPage => {
      const entries = [...bySubject.values()].slice(0, itemsThatFit(bySubject.values(), limit));
      return { entries, hasMore: entries.length < bySubject.size };
    },
  };
}

/** At least one item, then as many as stay under the page's bytes. */
function itemsThatFit(entries: Iterable<KvEntry>, limit: number): number {
  let bytes = 0;
  let count = 0;
  for (const entry of entries) {
    bytes += entry.value.length;
    if (count > 0 && (count >= limit || bytes > PAGE_BYTES)) break;
    count += 1;
  }
  return count;
}

function liveEntry(handle: BucketHandle, message: StoredMessage): KvEntry | undefined {
  if (!message.subject.startsWith(handle.readPrefix)) return undefined;
  const key = handle.codec.decode(message.subject.slice(handle.readPrefix.length));
  const entry = interpret(handle, message, key);
  return isEntry(entry) ? entry : undefined;
}

/** With history a key has several messages; only the one that is still its last counts. */
async function latestOnly(
  call: Call,
  handle: BucketHandle,
  batches: BatchReader,
  messages: StoredMessage[],
): Promise<StoredMessage[]> {
  if (revisionsPerKey(handle) === 1 || messages.length === 0) return messages;
  const newest = new Map(messages.map(message => [message.subject, message]));
  const last = await batches.last(call, handle, [...newest.keys()]);
  const lastSeq = new Map(last.map(message => [message.subject, message.seq]));
  return [...newest.values()]
    .filter(message => lastSeq.get(message.subject) === message.seq)
    .sort((a, b) => a.seq - b.seq);
}

function revisionsPerKey({ config }: BucketHandle): number {
  return config.max_msgs_per_subject === 1 ? 1 : 2;
}
