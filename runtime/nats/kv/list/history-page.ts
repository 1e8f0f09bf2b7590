import { setTimeout as sleep } from 'node:timers/promises';
import type { Call } from '../../../core/call.ts';
import { answerBytesOf } from '../../../core/call.ts';
import { isEntry } from '../../../core/ports/items.ts';
import type { KvStore } from '../../../core/ports/kv-store.ts';
import type { KvHistoryPage } from '../../../core/ports/pages.ts';
import type { KvEvent } from '../../../core/ports/watches.ts';
import { isPassing, noAnswer } from '../../request-errors.ts';
import type { BucketHandle } from '../bucket/handles.ts';
import type { KeyPatterns } from '../bucket/key-patterns.ts';
import { consumerFilter, nextAtLeader, patternsOf } from '../bucket/key-patterns.ts';
import { serverNow } from '../bucket/server-clock.ts';
import { endMarked } from '../headers/markers.ts';
import type { StoredMessage } from '../read/stored-message.ts';
import type { ListDependencies } from './list-page.ts';
import type { Listing } from './listing.ts';
import { closeListing, startListing } from './listing.ts';
import { createListingsUnderWay } from './listings-under-way.ts';
import { eventOf, isUnreadable } from './page-filling.ts';
import { pullBeside } from './pull-beside.ts';
import { openPullConsumer } from './pull-consumer.ts';

/** The part of the call's time after which a page answers what it has. */
const TIME_USED = 0.6;
/** Messages that are looked at for a page that finds little. */
const MAX_LOOKED_AT = 100_000;
/** A consumer may be lost with its server, and so may the next. */
const MAX_LOST = 3;
const REPLICA_LAG_MS = 5;

/**
 * Makes the reader of whole histories of one connection: messages in the order of the stream. A write moves nothing but to its
 * end, so that what is kept from the first page to the last is met, and where at one moment nothing comes after what was read,
 * nothing is left out.
 */
export function createHistoryPages(deps: ListDependencies): KvStore['historyPage'] {
  const underWay = createListingsUnderWay();
  return async (call, page) => {
    const handle = await deps.handles.open(call, page.bucket);
    const idAfter = (seq: number) => `${page.bucket}\n${handle.incarnation}\n${page.filter}\n${seq}`;
    const listing = underWay.take(idAfter(page.startSeq)) ?? startListing(page.startSeq);
    try {
      const patterns = patternsOf(handle, [page.filter]);
      const answer = await readHistory(call, { ...deps, handle, listing, patterns, page });
      if (answer.hasMore) underWay.keep(idAfter(answer.nextSeq), listing);
      else closeListing(listing);
      return answer;
    } catch (error) {
      closeListing(listing);
      throw error;
    }
  };
}

interface Reading extends ListDependencies {
  handle: BucketHandle;
  listing: Listing;
  patterns: KeyPatterns;
  page: { startSeq: number; limit: number; filter: string; namesUnreadable?: boolean };
}

async function readHistory(call: Call, reading: Reading): Promise<KvHistoryPage> {
  const { handle, listing, page } = reading;
  const soft = Date.now() + (call.deadline - Date.now()) * TIME_USED;
  const entries: KvEvent[] = [];
  const unreadable = new Set<string>();
  const isAtEnd = endOf(call, reading);
  let [bytes, lookedAt, lost, end] = [0, 0, 0, false];
  let nextSeq = page.startSeq;
  for (;;) {
    // The last one is held until it is known what follows it, or that nothing does.
    while (listing.held.length > (end ? 0 : 1)) {
      const [message, follower] = listing.held as [StoredMessage, StoredMessage | undefined];
      const found = await kept(call, reading, message, follower);
      const wanted = found && reading.patterns.wants(found.key) ? found : undefined;
      const event = wanted && isUnreadable(wanted) ? undefined : wanted;
      if (wanted && !event) unreadable.add(wanted.key);
      const size = event && isEntry(event) ? event.value.length : 0;
      if (event && entries.length > 0 && (entries.length >= page.limit || bytes + size > answerBytesOf(call)))
        return answer(true);
      if (event) entries.push(event);
      bytes += size;
      nextSeq = message.seq;
      listing.held.shift();
    }
    if (end) return answer(false);
    const goesOn = nextSeq > page.startSeq;
    if (goesOn && (lookedAt > MAX_LOOKED_AT || Date.now() >= soft)) return answer(true);
    try {
      const most = page.limit + 1 - entries.length;
      const { messages, end: seemsEnd } = await pull(reading, {
        call,
        most,
        until: goesOn ? soft : call.deadline,
      });
      lookedAt += messages.length + 1;
      listing.held.push(...messages);
      listing.readTo = messages.at(-1)?.seq ?? listing.readTo;
      end = seemsEnd && (await isAtEnd(listing.readTo));
      if (seemsEnd && !end) await sleep(REPLICA_LAG_MS);
    } catch (error) {
      closeListing(listing);
      if (!isPassing(error)) throw error;
      if (Date.now() < soft && ++lost < MAX_LOST) continue;
      // What was found is answered all the same.
      if (goesOn) return answer(true);
      throw error;
    }
  }

  function answer(hasMore: boolean): KvHistoryPage {
    const named = unreadable.size > 0 ? { unreadable: [...unreadable] } : {};
    return { entries, hasMore, nextSeq, source: sourceOf(handle), ...named };
  }
}

/** Names a bucket for ever: one that is made again under its name has another creation. */
function sourceOf({ bucket, created }: BucketHandle): string {
  return `${bucket}.${Date.parse(created).toString(36)}`;
}

async function pull(
  { requests, handle, listing, patterns }: Reading,
  { call, most, until }: { call: Call; most: number; until: number },
) {
  const open = async () => ({
    consumer: await openPullConsumer(call, requests, handle, {
      deliver_policy: 'by_start_sequence',
      opt_start_seq: listing.readTo + 1,
      ...consumerFilter(patterns),
    }),
  });
  listing.consumer ??= (await open()).consumer;
  const { from, pulled } = await pullBeside(
    { deadline: until },
    { consumer: listing.consumer },
    {
      clustered: handle.clustered,
      doubt: requests.doubt,
      open,
      pull: ({ consumer }, ask) => consumer.pull(Math.max(1, most), ask),
    },
  );
  listing.consumer = from.consumer;
  if (pulled.messages.length === 0 && !pulled.end) throw noAnswer();
  return { ...pulled, messages: pulled.messages.filter(({ seq }) => seq > listing.readTo) };
}

/**
 * What a message is to a reader of the history. The marker that stands before a value with a ttl is nothing that happened, while
 * the value is there; later it is the value's end, unless another value came before that.
 */
async function kept(call: Call, reading: Reading, message: StoredMessage, follower?: StoredMessage) {
  const { handle, batches, page } = reading;
  const end = endMarked(message);
  if (end === undefined) return eventOf(handle, message, page.namesUnreadable);
  const { seq, subject } = message;
  if (follower?.seq === seq + 1 && follower.subject === subject) return undefined;
  if (end > serverNow(handle)) return undefined;
  const { messages } = await batches.next(call, handle, { seq: seq + 1, pattern: subject, batch: 1 });
  const [next] = messages;
  return next && next.time < end ? undefined : eventOf(handle, message, page.namesUnreadable);
}

/**
 * Whether a sequence number is the end: a consumer that says so may be on a replica that is behind. What the leader has then,
 * asked once, is read too; that is the end, however much is written meanwhile.
 */
function endOf(call: Call, { handle, patterns }: Reading): (readTo: number) => Promise<boolean> {
  let goal: number | undefined;
  return async readTo => {
    goal ??= (await handle.api.streamInfo(call, handle.stream)).state.last_seq;
    if (readTo >= goal) return true;
    const next = await nextAtLeader(call, handle, { seq: readTo + 1, patterns });
    return !next || next.seq > goal;
  };
}
