import type { ErrorCode } from '../../../contract/errors.ts';
import { PackError } from '../../../contract/errors.ts';
import type { ScriptKv, ScriptKvCheck, ScriptKvWrite } from '../ports.ts';

/** What one run of an event leaves behind. */
export interface EventCommit {
  kv: ScriptKv;
  /** Stands for the call: events of different calls are never stored in one commit. */
  owner: object;
  reads: readonly KeySeen[];
  writes: readonly EventWrite[];
  /** Whether it still is to be stored: its call may have ended. */
  isWanted(): boolean;
}

/** What an event read of a key: its revision, or the event of this process whose write was not stored yet. */
export interface KeySeen {
  key: string;
  at: number | Pending;
}

/** A final write of an event; see ScriptKvWrite. */
export type EventWrite = Omit<ScriptKvWrite, 'expected'>;

/**
 * Stored, with the new revision of a key whose last write was this event's; or the keys that somebody else wrote in
 * between, none where that is not known; or not tried, since something before it was not stored.
 */
export type EventOutcome =
  | { revisionOf(key: string): number | undefined }
  | { conflicts: string[] }
  | { behind: true };

/** An event that waits to be stored, or is being stored. */
export interface Pending {
  /** Revisions of what it wrote, once it is stored. */
  revisions: Map<string, number> | undefined;
}

/** Stores what the events of one namespace leave behind, one group after the other, each group in one commit. */
export interface Commits {
  /** The last write of a key that is not stored yet. Who goes on from it is stored after it, or runs again. */
  peek(key: string): { json: string | undefined; ttlMs: number; by: Pending } | undefined;
  /** Never stored in part. Throws PackError. */
  store(commit: EventCommit): Promise<EventOutcome>;
}

interface Waiting {
  commit: EventCommit;
  /** All that who read what it wrote holds on to: what it read itself would lead on from event to event. */
  pending: Pending;
  done: (outcome: EventOutcome) => void;
  fail: (error: unknown) => void;
}

interface Group {
  events: Waiting[];
  checks: ScriptKvCheck[];
  writes: ScriptKvWrite[];
  /** Who wrote a key last. */
  last: Map<string, Waiting>;
}

/** The server takes 1,000 messages in one commit. */
const MAX_KEYS = 500;
const MAX_CHARS = 2 << 20;
/** Fewer compare-and-sets at once cost less one by one. */
const FEWEST_TOGETHER = 16;
/** Nothing was stored, and one of the events alone may be the reason: each is tried by itself. */
const DEFINITE = new Set<ErrorCode>(['INVALID_INPUT', 'VALUE_TOO_LARGE', 'PAYLOAD_TOO_LARGE', 'BUCKET_FULL']);

/**
 * For one store and namespace. Events that follow each other at the same keys need not wait until the one before is stored:
 * they go on from what it wrote, and their group is stored as if it were one event. A group that is refused runs again with
 * all that waits behind it, in smaller groups, since others write these keys.
 */
export function createCommits(): Commits {
  const unstored = new Map<string, { json: string | undefined; ttlMs: number; by: Pending }>();
  const waiting: Waiting[] = [];
  let isStoring = false;
  let isScheduled = false;
  let mostEvents = MAX_KEYS;

  return {
    peek: key => unstored.get(key),
    store(commit) {
      return new Promise((done, fail) => {
        const pending: Pending = { revisions: undefined };
        const event: Waiting = { commit, pending, done, fail };
        waiting.push(event);
        for (const { key, json, ttlMs } of commit.writes)
          unstored.set(key, { json: json ?? undefined, ttlMs, by: pending });
        if (isStoring || isScheduled) return;
        isScheduled = true;
        setImmediate(() => {
          isScheduled = false;
          void storeAll();
        });
      });
    },
  };

  async function storeAll(): Promise<void> {
    if (isStoring) return;
    isStoring = true;
    while (waiting.length > 0) {
      if (waiting.some(({ commit }) => !commit.isWanted())) sendBack(waiting.splice(0));
      else await storeNext();
    }
    isStoring = false;
  }

  async function storeNext(): Promise<void> {
    const group = takeGroup();
    if (group.events.length === 0) return sendBack(waiting.splice(0));
    const independent = singlesOf(group);
    if (independent) await Promise.all(independent.map(storeGroup));
    else await storeGroup(group);
  }

  /** From the front, as many of one call as fit into one commit. None, where the first goes on from what was not stored. */
  function takeGroup(): Group {
    const group: Group = { events: [], checks: [], writes: [], last: new Map() };
    const expected = new Map<string, number>();
    let chars = 0;
    const owner = waiting[0]?.commit.owner;
    for (const event of waiting) {
      const { commit } = event;
      if (commit.owner !== owner) break;
      let reads = 0;
      let isKnown = true;
      // Read before and after somebody else wrote: the first of both will be refused.
      let differs = false;
      for (const { key, at } of commit.reads) {
        const revision = revisionRead(key, at, group);
        isKnown &&= revision !== undefined;
        if (typeof revision !== 'number') continue;
        reads++;
        differs ||= (expected.get(key) ?? revision) !== revision;
      }
      if (!isKnown) break;
      chars += sizeOf(commit);
      const full =
        expected.size + group.last.size + reads + commit.writes.length > MAX_KEYS || chars > MAX_CHARS;
      if (group.events.length > 0 && (full || differs || group.events.length >= mostEvents)) break;
      for (const { key, at } of commit.reads) {
        const revision = revisionRead(key, at, group);
        if (typeof revision === 'number') expected.set(key, revision);
      }
      for (const { key } of commit.writes) group.last.set(key, event);
      group.events.push(event);
    }
    waiting.splice(0, group.events.length);
    for (const [key, { commit }] of group.last) {
      const write = commit.writes.find(one => one.key === key);
      if (write)
        group.writes.push({ key, json: write.json, ttlMs: write.ttlMs, expected: expected.get(key) });
    }
    for (const [key, revision] of expected) if (!group.last.has(key)) group.checks.push({ key, revision });
    return group;
  }

  /** What the store has to be at for a key as it was read; `own` where the group wrote it before, undefined where nobody knows. */
  function revisionRead(key: string, seen: number | Pending, { last }: Group): number | 'own' | undefined {
    if (typeof seen === 'number') return seen;
    const writer = last.get(key);
    if (writer?.pending === seen) return 'own';
    return writer ? undefined : seen.revisions?.get(key);
  }

  async function storeGroup(group: Group): Promise<void> {
    const { events, writes, checks, last } = group;
    const kv = events.at(-1)?.commit.kv;
    if (!kv) return;
    try {
      const outcome = await kv.commit(writes, checks);
      if (!outcome.ok) return refused(events, outcome.keys);
      const { revisions } = outcome;
      mostEvents = Math.min(MAX_KEYS, 2 * mostEvents);
      for (const { pending } of events) pending.revisions = revisions;
      for (const [key, { pending }] of last) if (unstored.get(key)?.by === pending) unstored.delete(key);
      for (const event of events)
        event.done({ revisionOf: key => (last.get(key) === event ? revisions.get(key) : undefined) });
    } catch (error) {
      failed(events, error);
    }
  }

  function refused(events: Waiting[], keys: string[]): void {
    mostEvents = Math.max(1, Math.min(mostEvents, events.length) >> 1);
    const met = new Set(keys);
    const meets = ({ commit }: Waiting): boolean =>
      met.size === 0 ||
      commit.writes.some(({ key }) => met.has(key)) ||
      commit.reads.some(({ key }) => met.has(key));
    for (const event of events) event.done(meets(event) ? { conflicts: keys } : { behind: true });
    giveUp(events);
  }

  function failed(events: Waiting[], error: unknown): void {
    const isDefinite = error instanceof PackError && DEFINITE.has(error.code);
    if (isDefinite && events.length > 1) {
      mostEvents = 1;
      sendBack(events);
    } else {
      for (const event of events) event.fail(error);
    }
    giveUp(events);
  }

  /** What these wrote is void, and so is what went on from it. */
  function giveUp(events: Waiting[]): void {
    forget(events);
    sendBack(waiting.splice(0));
  }

  function forget(events: Waiting[]): void {
    const left = new Set(events.map(({ pending }) => pending));
    for (const [key, { by }] of unstored) if (left.has(by)) unstored.delete(key);
  }

  function sendBack(events: Waiting[]): void {
    forget(events);
    for (const event of events) event.done({ behind: true });
  }
}

/**
 * A few events that each touch one key of their own, to be stored one by one and all at once; undefined where they are not that: what an
 * event read of another's key has to hold for it too, or be stored with it.
 */
function singlesOf({ events, writes, checks, last }: Group): Group[] | undefined {
  if (events.length < 2 || events.length >= FEWEST_TOGETHER || checks.length > 0) return undefined;
  if (writes.length !== events.length || !events.every(({ commit }) => isOfOneKey(commit))) return undefined;
  return writes.flatMap(write => {
    const event = last.get(write.key);
    return event
      ? [{ events: [event], checks: [], writes: [write], last: new Map([[write.key, event]]) }]
      : [];
  });
}

function isOfOneKey({ reads, writes }: EventCommit): boolean {
  const [write] = writes;
  return writes.length === 1 && reads.every(({ key }) => key === write?.key);
}

function sizeOf({ writes }: EventCommit): number {
  let size = 0;
  for (const { json } of writes) size += json?.length ?? 0;
  return size;
}
