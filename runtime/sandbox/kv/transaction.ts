import { setTimeout as pause } from 'node:timers/promises';
import { PackError } from '../../../contract/errors.ts';
import type { EventRecord } from '../host/records.ts';
import type { ScriptKv } from '../ports.ts';
import type { Commits, EventWrite, KeySeen } from './commits.ts';
import type { KeyHolder, KeyLocks } from './locks.ts';
import type { KvMemory } from './memory.ts';

/** The `$kv` side of the events of a call. */
export interface Transactions<Event> {
  /** A key for a `get`; rejects with a PackError. A promise where it has to be waited for; it never resolves for a run that was started over. */
  read(event: Event, key: string): KvValue | Promise<KvValue>;
  /** Whether even an event that writes nothing has to be committed: what it read may never have stood together. */
  open(event: Event): boolean;
  /**
   * Stores what the event set if all that it read still holds. `conflict`: somebody else wrote in between, run the event
   * again (`isLast`: nothing of the call may be stored along with it, since its failure ends the call); `behind`: the same, for one before it that has to be run again first; `restarted`: it already does.
   */
  commit(
    event: Event,
    writes: EventRecord['writes'],
    isLast: boolean,
  ): Promise<'done' | 'conflict' | 'behind' | 'restarted'>;
  /** Ends the event's run and frees its keys; the next `read` begins a new one. */
  reset(event: Event): void;
}

/** What transactions need of an event. */
export interface KvEvent<Event> {
  /** Its place in the order of all events of the process. */
  readonly seq: number;
  /** It was answered. */
  readonly settled: boolean;
  /** Its run under way; kept by the transactions. */
  kv: KvRun<Event> | undefined;
}

/** One run of an event: what it holds, and what it read. Plain data, and its functions are those of all: there is one for each event. */
export interface KvRun<Event> extends KeyHolder {
  event: Event;
  seen: KeySeen[];
  /** Something it read may not hold, or may never be stored. */
  unsure: boolean;
}

/** What a key holds, and until when in ms since 1970; undefined: for good. */
export interface KvValue {
  json: string | undefined;
  expiresAt: number | undefined;
}

/** What the transactions of a call have in common. `Event` stands for one of its events. */
export interface TransactionsOptions<Event> {
  kv: ScriptKv;
  locks: KeyLocks;
  memory: KvMemory;
  commits: Commits;
  /** Stands for the call. */
  owner: object;
  /** The script never writes: its reads need no turn. */
  readOnly: boolean;
  /** Resolves when all earlier events of the call are far enough, so that writes keep the order of the events; undefined: they are. */
  turn(event: Event): Promise<void> | undefined;
  /** Its turn has come, and it waits with those before it: who comes next may join. */
  joined(event: Event): void;
  /** An earlier event needs a key of this one: run it again. */
  restart(event: Event): void;
  /** Reads of the store wait here, so that not too much is under way. */
  slot<T>(read: () => Promise<T>): Promise<T>;
}

/** Long enough for another process to read a key and write it. */
const GAP_MS = 6;
/** Looking through more takes longer than it saves. */
const FEW_KEYS = 8;
const NEVER = new Promise<never>(() => {});

/**
 * The transactions of a call: each one event's reads with the revisions they saw, and its commit, which holds only if they still do. An
 * event of a key that nobody else is at, and whose value is remembered, waits for nothing but its commit.
 */
export function createTransactions<Event extends KvEvent<Event>>(
  call: TransactionsOptions<Event>,
): Transactions<Event> {
  type Run = KvRun<Event>;
  const { kv, locks, memory, commits, owner } = call;
  return {
    read,
    open: ({ kv: run }) => run !== undefined && (run.unsure || run.seen.length > 1),
    commit,
    reset,
  };

  function incarnation(): string | undefined {
    return kv.incarnation ? kv.incarnation() : '';
  }

  function current(event: Event): Run {
    event.kv ??= {
      event,
      seq: event.seq,
      restart,
      keys: [],
      answered,
      over: false,
      seen: [],
      unsure: false,
    };
    return event.kv;
  }
  function isCurrent(run: Run): boolean {
    return run.event.kv === run;
  }
  function answered(this: Run): boolean {
    return this.event.settled;
  }
  function restart(this: Run): void {
    reset(this.event);
    call.restart(this.event);
  }
  function reset(event: Event): void {
    if (event.kv) locks.release(event.kv);
    event.kv = undefined;
  }

  function read(event: Event, key: string): KvValue | Promise<KvValue> {
    const mine = current(event);
    if (call.readOnly) return fetched(mine, key);
    const granted = locks.acquire(mine, key);
    // Whoever has a key event after event would never let another process have it.
    if (granted !== true || memory.gapDue(key)) return readLater(mine, key, granted);
    return readHeld(mine, key);
  }
  async function readLater(mine: Run, key: string, granted: boolean | Promise<boolean>): Promise<KvValue> {
    if (!(await granted) || !isCurrent(mine)) return NEVER;
    if (granted === true || memory.gapDue(key)) await pause(GAP_MS);
    return isCurrent(mine) ? readHeld(mine, key) : NEVER;
  }
  function readHeld(mine: Run, key: string): KvValue | Promise<KvValue> {
    const before = commits.peek(key);
    if (before) {
      mine.unsure = true;
      mine.seen.push({ key, at: before.by });
      return { json: before.json, expiresAt: endOf(before.ttlMs) };
    }
    const now = incarnation();
    const known = now === undefined ? undefined : memory.recall(key, owner, now);
    if (!known) return fetched(mine, key);
    mine.unsure = true;
    mine.seen.push({ key, at: known.revision });
    return { json: known.json, expiresAt: known.expiresAt };
  }
  async function fetched(mine: Run, key: string): Promise<KvValue> {
    const entry = await call.slot(() => kv.get(key));
    if (!isCurrent(mine)) return NEVER;
    mine.seen.push({ key, at: entry?.revision ?? 0 });
    return { json: entry?.json, expiresAt: entry?.expiresAt };
  }

  async function commit(
    event: Event,
    records: EventRecord['writes'],
    isLast: boolean,
  ): Promise<'done' | 'conflict' | 'behind' | 'restarted'> {
    const mine = current(event);
    const writes = records.map(([key, json, ttlMs]): EventWrite => ({ key: asHeld(mine, key), json, ttlMs }));
    for (const { key } of writes) {
      const granted = locks.acquire(mine, key);
      if (granted !== true && !(await granted)) return 'restarted';
    }
    const turn = writes.length > 0 ? call.turn(event) : undefined;
    if (turn) await turn;
    if (!isCurrent(mine)) return 'restarted';
    const before = incarnation();
    const reads = mine.seen;
    if (!isLast) call.joined(event);
    const stored = commits.store({ kv, owner, reads, writes, isWanted: () => isCurrent(mine) });
    // Who comes next goes on from what is not stored yet.
    locks.release(mine);
    const outcome = await stored;
    if (!isCurrent(mine)) return 'restarted';
    if ('revisionOf' in outcome) {
      if (before !== undefined) rememberAll(writes, outcome.revisionOf, before);
    } else if ('conflicts' in outcome) {
      // What was remembered may have led to this: the next run asks the store.
      const keys = new Set(reads.map(({ key }) => key));
      for (const key of outcome.conflicts) if (keys.has(key)) memory.stale(key);
    }
    reset(event);
    if ('behind' in outcome) return 'behind';
    return 'revisionOf' in outcome ? 'done' : 'conflict';
  }

  function rememberAll(
    writes: EventWrite[],
    revisionOf: (key: string) => number | undefined,
    incarnation: string,
  ): void {
    for (const { key, json, ttlMs } of writes) {
      const revision = revisionOf(key);
      if (revision === undefined) continue;
      const expiresAt = endOf(ttlMs);
      memory.remember(key, { json: json ?? undefined, revision, expiresAt, owner, incarnation, ttlMs });
    }
  }
}

/** Where it was read, the very text that was: a table finds one that it has seen sooner than another of the same letters. */
function asHeld({ keys }: KeyHolder, key: string): string {
  return (keys.length <= FEW_KEYS && keys.find(held => held === key)) || key;
}

function endOf(ttlMs: number): number | undefined {
  return ttlMs > 0 ? Date.now() + ttlMs : undefined;
}

/** What `$kv` answers in a call that has no store. */
export const NO_KV = new PackError(
  'UNSUPPORTED',
  '$kv is not available here: no key-value store is configured for transform.',
);
