import { setTimeout as sleep } from 'node:timers/promises';
import { PackError } from '../../../../contract/errors.ts';
import type { Call } from '../../../core/define-function.ts';
import type { KvDeletedPage, KvEvent, KvListPage, KvMarker, KvPage } from '../../../core/ports.ts';
import { isEntry } from '../../../core/ports.ts';
import type { Requests } from '../../requests.ts';
import { isConnectionLost } from '../../requests.ts';
import { hasOneCopy, isMirrored } from '../bucket/copies.ts';
import type { BucketHandle, Handles } from '../bucket/handles.ts';
import type { Batch, BatchReader } from '../read/batch.ts';
import { readAtLeader } from '../read/leader-read.ts';
import type { StoredMessage } from '../read/stored-message.ts';
import type { ListRange, ListSession } from './list-sessions.ts';
import { createListSessions } from './list-sessions.ts';
import type { MessageSource, SourceRange } from './message-source.ts';
import { consumerSource, directSource, latestSource } from './message-source.ts';
import type { Picker } from './page-filling.ts';
import { eventOf, startPage, withoutValue } from './page-filling.ts';
import { createSeenSubjects } from './seen-subjects.ts';

/** Lists a bucket page by page, in the order of sequence. */
export interface Lister {
  /** Live items. */
  live(call: Call, page: KvListPage): Promise<KvPage>;
  /** What became of the keys that are not live. */
  deleted(call: Call, page: KvListPage): Promise<KvDeletedPage>;
}

/** What listing works with. */
export interface ListDependencies {
  requests: Requests;
  handles: Handles;
  batches: BatchReader;
}

/** What is not wanted is skipped in large steps: a page of few items among many others takes few requests. */
const LEAST_BATCH = 64;
const MOST_BATCH = 8_192;
/** Among very many live keys few are deleted: a page that found little after so many says where to go on. */
const MOST_LOOKED_AT = 100_000;
/** After so many past values among few latest ones, the latter are read alone. */
const MOST_PAST = 4_096;
/** How long a replica is given to catch up before it is asked again. */
const REPLICA_LAG_MS = 5;
const NOTHING_READ: Batch = { messages: [], end: false };

/** Makes the lister of one connection. */
export function createLister({ requests, handles, batches }: ListDependencies): Lister {
  const sessions = createListSessions();
  return {
    live: async (call, page) => {
      const { entries, hasMore } = await list(call, { ...page, deleted: false });
      return { entries: entries.filter(isEntry), hasMore };
    },
    deleted: async (call, page) => {
      const { entries, ...rest } = await list(call, { ...page, keysOnly: true, deleted: true });
      return { entries: entries.filter(isMarker), ...rest };
    },
  };

  async function list(call: Call, page: ListRange): Promise<ListedPage> {
    const handle = await handles.open(call, page.bucket);
    const session = sessions.take(page);
    if (session) return await continued(call, handle, page, session);
    return await fresh(call, handle, page);
  }

  /** A page on its own leaves nothing behind on the server. */
  async function fresh(call: Call, handle: BucketHandle, page: ListRange): Promise<ListedPage> {
    if (page.keysOnly || isMirrored(handle)) return await freshByConsumer(call, handle, page);
    const session = emptySession(page);
    const source = directSource(batches, handle, rangeOf(handle, page, page.startSeq));
    return await closing(session, () => read(call, handle, page, { session, source }));
  }

  /** Only a consumer can leave the values out, and no mirror answers for it. */
  async function freshByConsumer(call: Call, handle: BucketHandle, page: ListRange): Promise<ListedPage> {
    const session = emptySession(page);
    const source = await consumerSource(call, requests, handle, rangeOf(handle, page, page.startSeq));
    session.source = source;
    return await closing(session, () => read(call, handle, page, { session, source }));
  }

  /** A listing that goes on is worth a consumer. One that was lost with its server is no loss: see ListSessions. */
  async function continued(call: Call, handle: BucketHandle, page: ListRange, session: ListSession) {
    try {
      session.source ??= await consumerSource(call, requests, handle, rangeOf(handle, page, session.readTo));
      const { source } = session;
      return await closing(session, () => read(call, handle, page, { session, source }));
    } catch (error) {
      if (error instanceof PackError && error.code === 'TIMEOUT' && !isConnectionLost(error)) throw error;
      return await fresh(call, handle, page);
    }
  }

  async function read(
    call: Call,
    handle: BucketHandle,
    page: ListRange,
    { session, source: first }: Reading,
  ) {
    const pick = pickOf(handle, page);
    const filling = startPage(pick, page.limit, session.seen);
    // Of what is rare it is cheaper to ask only what it is.
    const wanted = (messages: StoredMessage[]) => (page.deleted ? messages.filter(pick) : messages);
    const last = async (messages: StoredMessage[]) =>
      (await isUntouched(call, handle, session))
        ? messages
        : await stillLast(call, handle, batches, messages);
    const isFarEnough = () => page.deleted && lookedAt >= MOST_LOOKED_AT;
    const atEnd = endAsLeaderHasIt(call, handle, page);
    let source = first;
    let { held } = session;
    let [lookedAt, end] = [0, false];
    for (; !end && !filling.full() && !isFarEnough(); held = []) {
      if (
        keepsHistory(handle) &&
        session.latestAt === undefined &&
        lookedAt - filling.entries.length > MOST_PAST
      ) {
        source = await toLatest(call, handle, page, session);
      }
      // What was read beyond the page before is used up first: with small pages it would pile up without end.
      const missing = page.limit + 1 - filling.entries.length - held.length;
      const count = batchSize(handle, page, { missing, lookedAt });
      const next = missing > 0 ? source.next(call, count) : NOTHING_READ;
      const [still, batch] = await Promise.all([last(held), next]);
      filling.take(still);
      session.readTo = batch.messages.at(-1)?.seq ?? session.readTo;
      lookedAt += batch.messages.length;
      const found = wanted(batch.messages);
      filling.take(keepsHistory(handle) ? await last(found) : found);
      end = batch.end && (await atEnd(session.readTo));
    }
    session.held = filling.rest;
    const hasMore = filling.full() || !end;
    const lastOne = filling.entries.at(-1)?.revision ?? page.startSeq;
    const nextSeq = hasMore && !filling.full() ? session.readTo : lastOne;
    if (hasMore) sessions.keep(page, nextSeq, session);
    else source.close();
    return { entries: filling.entries, hasMore, nextSeq };
  }

  /** Goes on with what is latest alone. */
  async function toLatest(call: Call, handle: BucketHandle, page: ListRange, session: ListSession) {
    session.source?.close();
    const { last_seq } = (await handle.api.streamInfo(call, handle.stream)).state;
    session.source = await latestSource(call, requests, handle, rangeOf(handle, page, session.readTo));
    session.latestAt = last_seq;
    return session.source;
  }
}

/** What was opened for a page that failed is not left on the server. */
async function closing<T>(session: ListSession, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    session.source?.close();
    throw error;
  }
}

/** Nothing was written since what is latest was found out, so that it still is. Only a stream of one copy can say so. */
async function isUntouched(call: Call, handle: BucketHandle, { latestAt }: ListSession): Promise<boolean> {
  if (latestAt === undefined || !hasOneCopy(handle)) return false;
  return (await handle.api.streamInfo(call, handle.stream)).state.last_seq === latestAt;
}

function rangeOf(handle: BucketHandle, page: ListRange, after: number): SourceRange {
  return { after, pattern: patternOf(handle, page), headersOnly: page.keysOnly === true };
}

interface ListedPage {
  entries: KvEvent[];
  hasMore: boolean;
  nextSeq: number;
}

/** Where little was found so far, much is read at once. */
function batchSize(
  handle: BucketHandle,
  { deleted }: ListRange,
  { missing, lookedAt }: { missing: number; lookedAt: number },
): number {
  if (deleted) return Math.max(LEAST_BATCH, missing, Math.min(MOST_BATCH, lookedAt * 4));
  return Math.max(LEAST_BATCH, missing) * (keepsHistory(handle) ? 2 : 1);
}

/** What of a message is answered. */
function pickOf(handle: BucketHandle, { deleted, keysOnly }: ListRange): Picker {
  return message => {
    const event = eventOf(handle, message);
    if (!event || isEntry(event) === deleted) return undefined;
    return isEntry(event) && keysOnly ? withoutValue(event, message) : event;
  };
}

function isMarker(event: KvEvent): event is KvMarker & { key: string } {
  return !isEntry(event);
}

function emptySession({ startSeq }: ListRange): ListSession {
  return { source: undefined, latestAt: undefined, readTo: startSeq, held: [], seen: createSeenSubjects() };
}

interface Reading {
  session: ListSession;
  source: MessageSource;
}

/**
 * Whether a bucket ends after a sequence number. A replica may not have all yet that was acknowledged before the page
 * was asked for; the leader has. What is written from then on is left for the next listing, else a busy bucket would
 * never end.
 */
function endAsLeaderHasIt(call: Call, handle: BucketHandle, page: ListRange) {
  const pattern = handle.readPrefix + handle.codec.encodeFilter(page.filter);
  let lastSeq: number | undefined;
  return async (readTo: number): Promise<boolean> => {
    if (hasOneCopy(handle) || Date.now() >= call.deadline) return true;
    lastSeq ??= (await handle.api.streamInfo(call, handle.stream)).state.last_seq;
    if (readTo >= lastSeq) return true;
    const next = await readAtLeader(call, handle, { seq: readTo + 1, next_by_subj: pattern });
    if (!next || next.seq > lastSeq) return true;
    await sleep(REPLICA_LAG_MS);
    return false;
  };
}

/** The wildcard for everything spares the server a look at every subject. */
function patternOf(handle: BucketHandle, { filter }: ListRange): string {
  return filter === '>' ? '>' : handle.readPrefix + handle.codec.encodeFilter(filter);
}

/** Of messages read, those that are their subject's last at this moment: with history a key has several. */
async function stillLast(
  call: Call,
  handle: BucketHandle,
  batches: BatchReader,
  messages: StoredMessage[],
): Promise<StoredMessage[]> {
  if (messages.length === 0) return messages;
  const subjects = [...new Set(messages.map(message => message.subject))];
  const last = await batches.last(call, handle, subjects);
  const lastSeq = new Map(last.map(message => [message.subject, message.seq]));
  if (hasOneCopy(handle)) return messages.filter(({ subject, seq }) => lastSeq.get(subject) === seq);
  // The replica that was asked may be behind the one that the messages came from.
  for (const { subject, seq } of messages) lastSeq.set(subject, Math.max(seq, lastSeq.get(subject) ?? 0));
  return messages.filter(({ subject, seq }) => lastSeq.get(subject) === seq);
}

function keepsHistory({ config }: BucketHandle): boolean {
  return config.max_msgs_per_subject !== 1;
}
