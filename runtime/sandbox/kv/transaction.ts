import { setTimeout as pause } from 'node:timers/promises';
import { PackError } from '../../../contract/errors.ts';
import type { EventRecord } from '../host/records.ts';
import type { ScriptKv } from '../ports.ts';
import type { Commits, EventWrite, Pending } from './commits.ts';
import type { KeyHolder, KeyLocks } from './locks.ts';
import type { KvMemory, Remembered } from './memory.ts';

/** The `$kv` side of one event, over all its runs. */
export interface KvTransaction {
  /** A key for a `get`; rejects with a PackError. Never resolves for a run that was started over. */
  read(key: string): Promise<KvValue>;
  /** Whether even an event that writes nothing has to be committed: what it read may never have stood together. */
  open(): boolean;
  /**
   * Stores what the event set if all that it read still holds. `conflict`: somebody else wrote in between, run the event
   * again (`isLast`: nothing of the call may be stored along with it, since its failure ends the call); `behind`: the same, for one before it that has to be run again first; `restarted`: it already does.
   */
  commit(
    writes: EventRecord['writes'],
    isLast: boolean,
  ): Promise<'done' | 'conflict' | 'behind' | 'restarted'>;
  /** Ends this run and frees its keys; the next `read` begins a new one. */
  reset(): void;
}

/** What a key holds, and until when in ms since 1970; undefined: for good. */
export interface KvValue {
  json: string | undefined;
  expiresAt: number | undefined;
}

/** What a transaction is about. */
export interface TransactionOptions {
  kv: ScriptKv;
  locks: KeyLocks;
  memory: KvMemory;
  commits: Commits;
  seq: number;
  /** Whether the event was answered. */
  answered: () => boolean;
  /** Stands for the call. */
  owner: object;
  /** The script never writes: its reads need no turn. */
  readOnly: boolean;
  /** Resolves when all earlier events of the call are far enough, so that writes keep the order of the events. */
  turn: () => Promise<void>;
  /** Its turn has come, and it waits with those before it: who comes next may join. */
  joined: () => void;
  /** An earlier event needs a key of this one: run it again. */
  restart: () => void;
  /** Reads of the store wait here, so that not too much is under way. */
  slot: <T>(read: () => Promise<T>) => Promise<T>;
}

/** Long enough for another process to read a key and write it. */
const GAP_MS = 6;
const NEVER = new Promise<never>(() => {});

/** One event's reads with the revisions they saw, and its commit, which holds only if they still do. */
export function createTransaction(options: TransactionOptions): KvTransaction {
  const { kv, locks, memory, commits } = options;
  let seen = new Map<string, number | Pending>();
  /** Something it read may not hold, or may never be stored. */
  let unsure = false;
  let holder = newHolder();
  /** Stands for the run under way. */
  let run = {};

  function newHolder(): KeyHolder {
    const { seq, answered } = options;
    return { seq, committing: false, restart: () => restart(), keys: new Set(), answered, over: false };
  }
  function restart(): void {
    reset();
    options.restart();
  }
  function reset(): void {
    locks.release(holder);
    holder = newHolder();
    run = {};
    seen = new Map();
    unsure = false;
  }
  /** The length keeps the end of one namespace apart from the beginning of a key of another. */
  const nameOf = (key: string): string => `${kv.id.length} ${kv.id}${key}`;
  const incarnation = (): string | undefined => (kv.incarnation ? kv.incarnation() : '');

  /** Waits for a key; false when this run is over. */
  const take = async (mine: KeyHolder, key: string): Promise<boolean> => {
    const granted = locks.acquire(mine, key);
    return (await granted) && mine === holder;
  };
  const fetch = async (key: string): Promise<Remembered> => {
    const entry = await options.slot(() => kv.get(key));
    return { json: entry?.json, revision: entry?.revision ?? 0, expiresAt: entry?.expiresAt };
  };
  const recall = (key: string): Remembered | undefined => {
    const now = options.readOnly ? undefined : incarnation();
    return now === undefined ? undefined : memory.recall(nameOf(key), options.owner, now);
  };

  return {
    async read(key) {
      const mine = holder;
      if (!options.readOnly && !(await take(mine, key))) return NEVER;
      // Whoever has a key event after event would never let another process have it.
      if (!options.readOnly && memory.gapDue(nameOf(key))) await pause(GAP_MS);
      const before = options.readOnly ? undefined : commits.peek(key);
      if (before) {
        unsure = true;
        seen.set(key, before.by);
        return { json: before.json, expiresAt: endOf(before.ttlMs) };
      }
      const guess = recall(key);
      const { json, revision, expiresAt } = guess ?? (await fetch(key));
      if (mine !== holder) return NEVER;
      if (guess) unsure = true;
      seen.set(key, revision);
      return { json, expiresAt };
    },
    open: () => unsure || seen.size > 1,
    async commit(records, isLast) {
      const mine = holder;
      const writes = records.map(([key, json, ttlMs]): EventWrite => ({ key, json, ttlMs }));
      for (const { key } of writes) if (!(await take(mine, key))) return 'restarted';
      if (writes.length > 0) await options.turn();
      if (mine !== holder) return 'restarted';
      const before = incarnation();
      const current = run;
      const reads = seen;
      if (!isLast) options.joined();
      const stored = commits.store({
        kv,
        owner: options.owner,
        reads,
        writes,
        isWanted: () => run === current,
      });
      // Who comes next goes on from what is not stored yet.
      locks.release(holder);
      const outcome = await stored;
      if (run !== current) return 'restarted';
      if ('revisions' in outcome) {
        if (before !== undefined) rememberAll(writes, outcome.revisions, before);
      } else if ('conflicts' in outcome) {
        // What was remembered may have led to this: the next run asks the store.
        for (const key of outcome.conflicts) if (reads.has(key)) memory.stale(nameOf(key));
      }
      reset();
      if ('behind' in outcome) return 'behind';
      return 'revisions' in outcome ? 'done' : 'conflict';
    },
    reset,
  };

  function rememberAll(writes: EventWrite[], revisions: Map<string, number>, incarnation: string): void {
    const { owner } = options;
    for (const { key, json, ttlMs } of writes) {
      const revision = revisions.get(key);
      if (revision === undefined) continue;
      const expiresAt = endOf(ttlMs);
      memory.remember(nameOf(key), {
        json: json ?? undefined,
        revision,
        expiresAt,
        owner,
        incarnation,
        ttlMs,
      });
    }
  }
}

function endOf(ttlMs: number): number | undefined {
  return ttlMs > 0 ? Date.now() + ttlMs : undefined;
}

/** What `$kv` answers in a call that has no store. */
export const NO_KV = new PackError(
  'UNSUPPORTED',
  '$kv is not available here: no key-value store is configured for transform.',
);
