import { setTimeout as sleep } from 'node:timers/promises';
import type { Call } from '../../../core/call.ts';
import { answerBytesOf } from '../../../core/call.ts';
import type { KvEvent } from '../../../core/ports/watches.ts';
import { isPassing, isUnanswered, noAnswer } from '../../request-errors.ts';
import type { Requests } from '../../requests.ts';
import type { BucketHandle } from '../bucket/handles.ts';
import type { KeyPatterns } from '../bucket/key-patterns.ts';
import { consumerFilter, latestFilter, nextAtLeader } from '../bucket/key-patterns.ts';
import type { BatchReader } from '../read/batch.ts';
import type { StoredMessage } from '../read/stored-message.ts';
import { isCaughtUp } from './caught-up.ts';
import type { Latest, Listing } from './listing.ts';
import { closeListing, startListing } from './listing.ts';
import type { Picker } from './page-filling.ts';
import { startPage } from './page-filling.ts';
import { pullBeside } from './pull-beside.ts';
import type { PullAsk, PullConsumer, Pulled } from './pull-consumer.ts';
import { MAX_EMPTY, openPullConsumer } from './pull-consumer.ts';
import type { Change } from './read-ahead.ts';
import { changeBetween, mayReadAhead, restFromAhead, standOf } from './read-ahead.ts';
import { currentOf, newestOf } from './still-last.ts';

/** What a page reads with and what for. */
export interface PageReading {
  requests: Requests;
  batches: BatchReader;
  handle: BucketHandle;
  /** Which keys. */
  patterns: KeyPatterns;
  /** Values stay on the server. */
  headersOnly: boolean;
  /** Few of the messages are wanted: they are picked before anything is asked about them. */
  rare: boolean;
  limit: number;
  pick: Picker;
}

/** A page that was read. Where it is full, `listing.held` is what was read beyond it. */
export interface ReadPage {
  entries: KvEvent[];
  /** Keys that cannot be read. */
  unreadable: Set<string>;
  full: boolean;
  /** Nothing comes after it. */
  end: boolean;
}

/** What is not wanted is skipped in large steps: a page of few items among many others takes few requests. */
const MIN_READ = 64;
const MAX_READ = 8_192;
/** A page that found little after so many messages says where to go on. */
const MAX_LOOKED_AT = 100_000;
/** The part of the call's time after which a page answers what it has. */
const TIME_USED = 0.6;
/** The same while it has nothing, where no more is asked about what was read. */
const TIME_USED_EMPTY = 0.85;
/** How long a replica is given to catch up before it is asked again. */
const REPLICA_LAG_MS = 5;
/** A consumer may be lost with its server, and so may the next. */
const MAX_LOST = 3;
const BEYOND = 1;
/** Pages that are asked for at once ahead of their requests. */
const PAGES_AHEAD = 2;
/** By what the messages of a bucket have on average, where a pull must not be ended by its bytes. */
const BYTES_AT_ONCE = 4 * 1024 * 1024;
/** The part of that which may wait for its page. */
const PART_AHEAD = 0.25;

/** Reads on from where a listing stands, until a page is full, nothing is left, or its time or its work is used up. */
export async function readPage(call: Call, listing: Listing, reading: PageReading): Promise<ReadPage> {
  const { handle, batches, limit, pick } = reading;
  const answered = listing.answered;
  const filling = startPage(
    pick,
    { limit, bytes: answerBytesOf(call) },
    answered && (key => answered.has(key)),
  );
  const began = Date.now();
  const ends = endOf(call, handle, reading.patterns);
  const keepsHistory = handle.config.max_msgs_per_subject !== 1;
  if (listing.consumer && !(await isCaughtUp(call, handle, listing.consumer.server))) closeListing(listing);
  const softEnd = () => {
    const part = keepsHistory || filling.entries.length > 0 ? TIME_USED : TIME_USED_EMPTY;
    return began + (call.deadline - began) * part;
  };
  const mayAskAhead = mayReadAhead(listing, handle);
  // All that is taken from now on was there at that moment, or came later.
  const isLate = listing.consumer?.isLate() === true;
  const isFresh = listing.held.length <= limit && !listing.consumer?.isAhead() && !isLate;
  const begins = mayAskAhead && !keepsHistory && !listing.stood && isFresh;
  if (begins) listing.stood = await standOf(call, handle);
  let [lookedAt, lost, end] = [0, 0, false];
  let change: Change = 'written';
  const hasStood = () =>
    keepsHistory ? listing.latest !== undefined : listing.stood !== undefined && lookedAt === 0 && !begins;
  const askAhead = (there: number) => {
    const most = listing.latest ? Math.ceil(listing.latest.most * PART_AHEAD) : MAX_READ;
    listing.consumer?.askAhead(Math.min(limit * PAGES_AHEAD, most), there);
  };
  while (!end && !filling.full() && lookedAt < MAX_LOOKED_AT) {
    const until = lookedAt > 0 ? softEnd() : call.deadline;
    if (lookedAt > 0 && Date.now() >= until) break;
    const room = limit + BEYOND - filling.entries.length;
    const held = listing.held.slice(0, room);
    const heldOnes = keepsHistory || hasStood() ? undefined : newestOf(call, handle, batches, held);
    heldOnes?.catch(() => undefined); // Whoever waits for it is told.
    const missing = room - held.length;
    const count = stepSize(missing, lookedAt, filling.entries.length);
    let pulled: PulledOn = { messages: [], end: false };
    let stand = missing === 0 && hasStood() ? standOf(call, handle) : undefined;
    if (missing > 0) {
      try {
        listing.consumer ??= await openAt({ deadline: until }, listing, reading);
        if (hasStood()) stand = standOf(call, handle);
        pulled = await pullOn({ deadline: until }, listing, { reading, count });
        // How it stood before another consumer was made says nothing of what that one delivers.
        if (pulled.isOther) stand = hasStood() ? standOf(call, handle) : undefined;
        const { latest } = pulled;
        // The server goes on reading while this page is made.
        if (stand && mayAskAhead && lookedAt === 0) askAhead(limit - 1);
        if (latest) pulled.end = latest.left <= 0 && changeBetween(listing.stood, await stand) !== 'written';
      } catch (error) {
        closeListing(listing);
        if (!isPassing(error) || Date.now() >= until || ++lost >= MAX_LOST) {
          if (lookedAt > 0 && isPassing(error)) break;
          throw isUnanswered(error) ? noAnswer() : error;
        }
        continue;
      }
    }
    const { messages } = pulled;
    if (missing > 0 && messages.length === 0 && !pulled.end && Date.now() >= until) {
      closeListing(listing);
      if (lookedAt === 0 && held.length === 0) throw noAnswer();
      if (held.length === 0) break;
    }
    change = stand ? changeBetween(listing.stood, await stand) : 'written';
    if (stand && change !== 'none') restFromAhead(listing, keepsHistory);
    const isLatest = stand !== undefined && keepsHistory && change !== 'written';
    const readTo = messages.at(-1)?.seq ?? listing.readTo;
    end = pulled.end && (isLatest || (await ends.isAt(readTo)));
    // A consumer that says that there is no more while there is, is not asked again.
    if (pulled.end && !end) closeListing(listing);
    const isDoubted = change !== 'none' && (pulled.ahead === true || isLate || (keepsHistory && !isLatest));
    const wanted = () => (reading.rare ? messages.filter(pick) : messages);
    const doubted = isDoubted ? [...held, ...wanted()] : held;
    if (doubted.length > 0 && change !== 'none') {
      const isHeldAlone = heldOnes !== undefined && !isDoubted;
      const still = isHeldAlone ? await heldOnes : await newestOf(call, handle, batches, doubted);
      const current = currentOf(doubted, still, end ? readTo : undefined);
      ends.notBefore(current.overtakenBy);
      filling.take(current.messages);
    } else filling.take(doubted);
    if (!isDoubted) filling.take(messages);
    listing.held = listing.held.slice(held.length);
    listing.readTo = readTo;
    lookedAt += messages.length + 1;
  }
  const full = filling.full();
  listing.held = [...filling.rest, ...listing.held];
  if (full && mayAskAhead && listing.stood && (begins || change === 'none')) askAhead(limit - 1);
  return { entries: filling.entries, unreadable: filling.unreadable, full, end: end && !full };
}

/** What was pulled for a listing. */
interface PulledOn extends Pulled {
  /** By a consumer of latest messages. */
  latest?: Latest | undefined;
  /** By another consumer than the one that the listing had. */
  isOther?: boolean;
}

/** Pulls from the listing's consumer, or from another that is opened at its place and that it goes on with. */
async function pullOn(
  call: Call,
  listing: Listing,
  { reading, count }: { reading: PageReading; count: number },
): Promise<PulledOn> {
  const { readTo, bySequence = false, stood } = listing;
  const first = { ...listing };
  const { from, pulled } = await pullBeside<Listing, PulledOn>(call, first, {
    clustered: reading.handle.clustered,
    doubt: reading.requests.doubt,
    open: async () => {
      const other: Listing = { ...startListing(readTo), bySequence, stood, latest: undefined };
      other.consumer = await openAt(call, other, reading);
      return other;
    },
    pull: async (one, ask) => ({ latest: one.latest, ...(await pullFrom(one, count, ask)) }),
  });
  Object.assign(listing, from, { held: listing.held });
  return { ...pulled, isOther: from !== first };
}

/** Pulls from a consumer. One of latest messages is left as soon as what it goes on with is anybody's. */
async function pullFrom(listing: Listing, count: number, ask: PullAsk): Promise<Pulled> {
  const { consumer, latest, readTo } = listing;
  if (!consumer) return { messages: [], end: false };
  const pulled = await consumer.pull(Math.min(count, latest?.most ?? count), ask);
  const { messages } = pulled;
  if (latest && isThrough(latest, messages)) {
    closeListing(listing);
    listing.bySequence = true;
  }
  // A replica that is behind begins before the place it was told.
  return { ...pulled, messages: messages.filter(({ seq }) => seq > readTo) };
}

/**
 * Whether all that was latest was delivered, or that cannot be told. The consumer stops at each message that was removed
 * meanwhile, and its count of what is left is not to be trusted then; every message after the last delivered is read in its place.
 */
function isThrough(latest: Latest, messages: StoredMessage[]): boolean {
  latest.left -= messages.filter(({ seq }) => seq <= latest.at).length;
  latest.empty = messages.length === 0 ? latest.empty + 1 : 0;
  return latest.left <= 0 || latest.empty > MAX_EMPTY || messages.some(({ seq }) => seq > latest.at);
}

/**
 * Where a bucket keeps history, most of what is stored may be past: a listing from the start reads what is latest alone.
 * The server cannot begin such a consumer in the middle, so one that lost its consumer reads everything from its place on.
 */
async function openAt(call: Call, listing: Listing, reading: PageReading): Promise<PullConsumer> {
  const { requests, handle, patterns, headersOnly } = reading;
  const isLatest =
    handle.config.max_msgs_per_subject !== 1 && listing.readTo === 0 && listing.bySequence !== true;
  // Asked before: what is written while the consumer is made may be missing from it, and is seen as a change.
  const before = isLatest ? await handle.api.streamInfo(call, handle.stream) : undefined;
  const consumer = await openPullConsumer(call, requests, handle, {
    ...(isLatest
      ? { deliver_policy: 'last_per_subject' }
      : { deliver_policy: 'by_start_sequence', opt_start_seq: listing.readTo + 1 }),
    ...(isLatest ? latestFilter(patterns) : consumerFilter(patterns)),
    ...(headersOnly && { headers_only: true }),
  });
  if (!before) return consumer;
  const { created, state } = before;
  const average = Math.max(1, state.bytes / Math.max(1, state.messages));
  const most = headersOnly ? MAX_READ : Math.ceil(BYTES_AT_ONCE / average);
  listing.stood = { created, lastSeq: state.last_seq, messages: state.messages };
  listing.latest = { at: state.last_seq, left: consumer.begins, most, empty: 0 };
  return consumer;
}

/** Where little was found so far, much is read at once. */
function stepSize(missing: number, lookedAt: number, found: number): number {
  const dense = lookedAt === 0 ? 1 : lookedAt / (found + 1);
  return Math.min(MAX_READ, Math.max(MIN_READ, Math.ceil(missing * dense)));
}

/**
 * Whether a bucket ends after a sequence number. A replica may not have all yet that was acknowledged before the page was
 * asked for; the leader has. It is asked once, and for what is known to have been written since: else the page of a busy
 * bucket would never end.
 */
function endOf(call: Call, handle: BucketHandle, patterns: KeyPatterns) {
  let goal: number | undefined;
  let overtakenBy = 0;
  return { isAt, notBefore: (seq: number) => (overtakenBy = Math.max(overtakenBy, seq)) };

  async function isAt(readTo: number): Promise<boolean> {
    if (Date.now() >= call.deadline) return false;
    goal ??= (await handle.api.streamInfo(call, handle.stream)).state.last_seq;
    const least = Math.max(goal ?? 0, overtakenBy);
    if (readTo >= least) return true;
    const next = await nextAtLeader(call, handle, { seq: readTo + 1, patterns });
    if (!next || next.seq > least) return true;
    await sleep(REPLICA_LAG_MS);
    return false;
  }
}
