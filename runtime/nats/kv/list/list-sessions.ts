import type { KvListPage } from '../../../core/ports.ts';
import type { StoredMessage } from '../read/stored-message.ts';
import type { MessageSource } from './message-source.ts';
import type { SeenSubjects } from './seen-subjects.ts';

/** A page of live keys, or of those that are not any more. */
export interface ListRange extends KvListPage {
  deleted: boolean;
}

/** A listing between two of its pages: where it is on the server, and which keys it has answered. */
export interface ListSession {
  /** Opened by the second page. */
  source: MessageSource | undefined;
  /** The source has left out what is past since the stream stood at this sequence number. */
  latestAt: number | undefined;
  /** Sequence number that was read up to. */
  readTo: number;
  /** Read already, but beyond the page before; by the next page they may be dead. */
  held: StoredMessage[];
  seen: SeenSubjects;
}

/**
 * Listings under way, found again by where their next page begins. They only make pages cheaper and keep a key that
 * is written again between two pages from being listed twice: without its session a page is as complete, so nothing
 * depends on which process is asked, or on whether it was restarted.
 */
export interface ListSessions {
  /** Takes the session out: a page that is asked for twice goes without one the second time. */
  take(page: ListRange): ListSession | undefined;
  keep(page: ListRange, nextSeq: number, session: ListSession): void;
}

const IDLE_MS = 45_000;
const MOST_SESSIONS = 64;
/** 16 bytes each. */
const MOST_SEEN = 4_000_000;

interface Kept {
  session: ListSession;
  until: number;
  /** Two listings are at the same place; which keys each has answered can no longer be told apart. */
  ambiguous: boolean;
}

/** Makes the sessions of one connection. */
export function createListSessions(): ListSessions {
  const sessions = new Map<string, Kept>();
  let sweep: NodeJS.Timeout | undefined;
  return { take, keep };

  function take(page: ListRange): ListSession | undefined {
    const id = idOf(page, page.startSeq);
    const kept = sessions.get(id);
    if (!kept || kept.ambiguous) return undefined;
    sessions.delete(id);
    return kept.session;
  }

  function keep(page: ListRange, nextSeq: number, session: ListSession): void {
    const id = idOf(page, nextSeq);
    const other = sessions.get(id);
    if (other) {
      other.ambiguous = true;
      session.source?.close();
      return;
    }
    sessions.set(id, { session, until: Date.now() + IDLE_MS, ambiguous: false });
    makeRoom();
    sweep ??= setInterval(expire, IDLE_MS / 3).unref();
  }

  /** The oldest go first: a Map keeps the order of insertion. */
  function makeRoom(): void {
    let seen = 0;
    for (const { session } of sessions.values()) seen += session.seen.size();
    for (const [id, { session }] of sessions) {
      if (sessions.size <= MOST_SESSIONS && seen <= MOST_SEEN) return;
      seen -= session.seen.size();
      end(id, session);
    }
  }

  function expire(): void {
    for (const [id, { session, until }] of sessions) if (until < Date.now()) end(id, session);
    if (sessions.size > 0) return;
    clearInterval(sweep);
    sweep = undefined;
  }

  function end(id: string, session: ListSession): void {
    session.source?.close();
    sessions.delete(id);
  }
}

function idOf({ bucket, filter, keysOnly = false, deleted }: ListRange, startSeq: number): string {
  return `${bucket}\n${filter}\n${startSeq}\n${keysOnly}\n${deleted}`;
}
