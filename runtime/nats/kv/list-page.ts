import { setTimeout as sleep } from 'node:timers/promises';
import type { Call } from '../../core/define-function.ts';
import { PackError } from '../../core/errors.ts';
import type { KvEntry, KvListPage, KvPage } from '../../core/ports.ts';
import { isEntry } from '../../core/ports.ts';
import type { Requests } from '../requests.ts';
import { isConnectionLost } from '../requests.ts';
import type { Batch, BatchReader } from './batch.ts';
import { hasOneCopy, isMirrored } from './copies.ts';
import type { BucketHandle, Handles } from './handles.ts';
import { readAtLeader } from './leader-read.ts';
import type { ListSession } from './list-sessions.ts';
import { createListSessions } from './list-sessions.ts';
import type { MessageSource } from './message-source.ts';
import { consumerSource, directSource } from './message-source.ts';
import { interpret } from './read.ts';
import type { SeenSubjects } from './seen-subjects.ts';
import { createSeenSubjects } from './seen-subjects.ts';
import type { StoredMessage } from './stored-message.ts';

/** Lists live items page by page, in the order of their sequence. */
export type ListPage = (call: Call, page: KvListPage) => Promise<KvPage>;

/** What listing works with. */
export interface ListDependencies {
  requests: Requests;
  handles: Handles;
  batches: BatchReader;
}

/** A page ends early, with more to come, once its values have this many bytes. */
const PAGE_BYTES = 8 * 1024 * 1024;
/** Markers are skipped in large steps: a page of few items among many deleted ones takes few requests. */
const LEAST_BATCH = 64;
/** How long a replica is given to catch up before it is asked again. */
const REPLICA_LAG_MS = 5;
const NO_VALUE = new Uint8Array(0);
const NOTHING_READ: Batch = { messages: [], end: false };

/** Makes the lister of one connection. */
export function createListPage({ requests, handles, batches }: ListDependencies): ListPage {
  const sessions = createListSessions();
  return async (call, page) => {
    const handle = await handles.open(call, page.bucket);
    const session = sessions.take(page);
    if (session) return await continued(call, handle, page, session);
    return await fresh(call, handle, page);
  };

  /** A page on its own leaves nothing behind on the server. */
  async function fresh(call: Call, handle: BucketHandle, page: KvListPage): Promise<KvPage> {
    if (page.keysOnly || isMirrored(handle)) return await freshByConsumer(call, handle, page);
    const session = emptySession(page);
    const range = { after: page.startSeq, pattern: patternOf(handle, page) };
    return await read(call, handle, page, { session, source: directSource(batches, handle, range) });
  }

  /** Only a consumer can leave the values out, and no mirror answers for it. */
  async function freshByConsumer(call: Call, handle: BucketHandle, page: KvListPage): Promise<KvPage> {
    const session = emptySession(page);
    const range = {
      after: page.startSeq,
      pattern: patternOf(handle, page),
      headersOnly: page.keysOnly === true,
    };
    const source = await consumerSource(call, requests, handle, range);
    session.source = source;
    try {
      return await read(call, handle, page, { session, source });
    } catch (error) {
      source.close();
      throw error;
    }
  }

  /** A listing that goes on is worth a consumer. One that was lost with its server is no loss: see ListSessions. */
  async function continued(call: Call, handle: BucketHandle, page: KvListPage, session: ListSession) {
    try {
      const headersOnly = page.keysOnly === true;
      const range = { after: session.readTo, pattern: patternOf(handle, page), headersOnly };
      session.source ??= await consumerSource(call, requests, handle, range);
      return await read(call, handle, page, { session, source: session.source });
    } catch (error) {
      session.source?.close();
      if (error instanceof PackError && error.code === 'TIMEOUT' && !isConnectionLost(error)) throw error;
      return await fresh(call, handle, page);
    }
  }

  async function read(call: Call, handle: BucketHandle, page: KvListPage, { session, source }: Reading) {
    const filling = startPage(handle, page, session.seen);
    let { held } = session;
    const atEnd = endAsLeaderHasIt(call, handle, page);
    for (let end = false; !end && !filling.full(); held = []) {
      // What was read beyond the page before is used up first: with small pages it would pile up without end.
      const missing = page.limit + 1 - filling.entries.length - held.length;
      const count = Math.max(LEAST_BATCH, missing) * (keepsHistory(handle) ? 2 : 1);
      const next = missing > 0 ? source.next(call, count) : NOTHING_READ;
      const [still, batch] = await Promise.all([stillLast(call, handle, batches, held), next]);
      filling.take(still);
      session.readTo = batch.messages.at(-1)?.seq ?? session.readTo;
      filling.take(
        keepsHistory(handle) ? await stillLast(call, handle, batches, batch.messages) : batch.messages,
      );
      end = batch.end && (await atEnd(session.readTo));
    }
    session.held = filling.rest;
    const hasMore = filling.full();
    if (hasMore) sessions.keep(page, filling.entries.at(-1)?.revision ?? page.startSeq, session);
    else source.close();
    return { entries: filling.entries, hasMore };
  }
}

function emptySession({ startSeq }: KvListPage): ListSession {
  return { source: undefined, readTo: startSeq, held: [], seen: createSeenSubjects() };
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
function endAsLeaderHasIt(call: Call, handle: BucketHandle, page: KvListPage) {
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
function patternOf(handle: BucketHandle, { filter }: KvListPage): string {
  return filter === '>' ? '>' : handle.readPrefix + handle.codec.encodeFilter(filter);
}

/** Takes messages until the page is full; live ones beyond are the rest, which shows that another page follows. */
function startPage(handle: BucketHandle, { limit, keysOnly = false }: KvListPage, seen: SeenSubjects) {
  const entries: KvEntry[] = [];
  const rest: StoredMessage[] = [];
  let bytes = 0;
  return { entries, rest, full: () => rest.length > 0, take };

  function take(messages: StoredMessage[]): void {
    for (const message of messages) {
      const entry = liveEntry(handle, message, keysOnly);
      if (!entry) continue;
      const fits = rest.length === 0 && entries.length < limit && bytes + entry.value.length <= PAGE_BYTES;
      if (fits || entries.length === 0) {
        if (!seen.addIfNew(message.subject)) continue;
        entries.push(entry);
        bytes += entry.value.length;
      } else if (!seen.has(message.subject)) {
        rest.push(message);
      }
    }
  }
}

function liveEntry(handle: BucketHandle, message: StoredMessage, keysOnly: boolean): KvEntry | undefined {
  if (!message.subject.startsWith(handle.readPrefix)) return undefined;
  const key = handle.codec.decode(message.subject.slice(handle.readPrefix.length));
  const entry = interpret(handle, message, key);
  if (!isEntry(entry)) return undefined;
  return keysOnly ? { ...entry, value: NO_VALUE, size: sizeOf(message) } : entry;
}

/** The server says how long a value is that it leaves out. */
function sizeOf({ data, headers }: StoredMessage): number {
  return Number(headers?.get('Nats-Msg-Size') || data.length);
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
