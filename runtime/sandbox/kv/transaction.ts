import { setTimeout as pause } from 'node:timers/promises';
import { PackError } from '../../../contract/errors.ts';
import type { EventRecord } from '../host/records.ts';
import type { ScriptKv, ScriptKvWrite } from '../ports.ts';
import type { KeyHolder, KeyLocks } from './locks.ts';
import type { KvMemory, Remembered } from './memory.ts';

/** The `$kv` side of one event, over all its runs. */
export interface KvTransaction {
  /** The JSON of a key for a `get`; rejects with a PackError. Never resolves for a run that was started over. */
  read(key: string): Promise<string | undefined>;
  /** Whether something was read from memory: then even an event that writes nothing has to be committed. */
  guessed(): boolean;
  /**
   * Finds out whether what was read from memory still held, and writes what the event set. `conflict`: somebody else
   * wrote in between, run the event again; `restarted`: it already does.
   */
  commit(writes: EventRecord['writes']): Promise<'done' | 'conflict' | 'restarted'>;
  /** Ends this run and frees its keys; the next `read` begins a new one. */
  reset(): void;
}

/** What a transaction is about. */
export interface TransactionOptions {
  kv: ScriptKv;
  locks: KeyLocks;
  memory: KvMemory;
  seq: number;
  /** Stands for the call. */
  owner: object;
  /** The script never writes: its reads need no turn. */
  readOnly: boolean;
  /** Resolves when all earlier events of the call have run, so that writes keep the order of the events. */
  turn: () => Promise<void>;
  /** An earlier event needs a key of this one: run it again. */
  restart: () => void;
}

/** Long enough for another process to read a key and write it. */
const GAP_MS = 6;
const NEVER = new Promise<never>(() => {});

/** One event's reads with the revisions they saw, and its compare-and-set commit. */
export function createTransaction(options: TransactionOptions): KvTransaction {
  const { kv, locks, memory } = options;
  let seen = new Map<string, number>();
  let guesses = new Set<string>();
  // What an earlier run of this event already wrote where the store could not commit all or nothing: read as it was
  // before that write, and not written again, so that no effect happens twice.
  const pinned = new Map<string, string | undefined>();
  let values = new Map<string, string | undefined>();
  let holder = newHolder();

  function newHolder(): KeyHolder {
    return { seq: options.seq, committing: false, restart: () => restart(), keys: new Set(), over: false };
  }
  function restart(): void {
    reset();
    options.restart();
  }
  function reset(): void {
    locks.release(holder);
    holder = newHolder();
    seen = new Map();
    values = new Map();
    guesses = new Set();
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
    const entry = await kv.get(key);
    return { json: entry?.json, revision: entry?.revision ?? 0 };
  };
  const recall = (key: string): Remembered | undefined => {
    const now = options.readOnly ? undefined : incarnation();
    return now === undefined ? undefined : memory.recall(nameOf(key), options.owner, now);
  };
  /**
   * Looks up what was guessed. A single write finds out about its own key; of several, the first would be done before
   * the last one does.
   */
  const stillHolds = async (writes: ScriptKvWrite[]): Promise<boolean> => {
    const open = [...guesses].filter(key => writes.length !== 1 || writes[0]?.key !== key);
    const now = await Promise.all(open.map(fetch));
    const wrong = open.filter((key, at) => now[at]?.revision !== seen.get(key));
    for (const key of wrong) memory.stale(nameOf(key));
    return wrong.length === 0;
  };

  return {
    async read(key) {
      if (pinned.has(key)) return pinned.get(key);
      const mine = holder;
      if (!options.readOnly && !(await take(mine, key))) return NEVER;
      // Whoever has a key event after event would never let another process have it.
      if (!options.readOnly && memory.gapDue(nameOf(key))) await pause(GAP_MS);
      const guess = recall(key);
      const { json, revision } = guess ?? (await fetch(key));
      if (mine !== holder) return NEVER;
      if (guess) guesses.add(key);
      seen.set(key, revision);
      values.set(key, json);
      return json;
    },
    guessed: () => guesses.size > 0,
    async commit(records) {
      const mine = holder;
      const writes = records
        .filter(([key]) => !pinned.has(key))
        .map(([key, json, ttlMs]): ScriptKvWrite => ({ key, json, ttlMs, expected: seen.get(key) }));
      for (const { key } of writes) if (!(await take(mine, key))) return 'restarted';
      if (writes.length > 0) await options.turn();
      if (mine !== holder) return 'restarted';
      mine.committing = true;
      if (guesses.size > 0 && !(await stillHolds(writes))) {
        reset();
        return 'conflict';
      }
      const before = incarnation();
      const outcome = await kv.commit(writes);
      if (!outcome.ok) {
        for (const key of outcome.applied) pinned.set(key, values.get(key));
        // What was remembered may have led to this: the next run asks the store.
        for (const { key } of writes) if (!outcome.applied.includes(key)) memory.stale(nameOf(key));
        reset();
        return 'conflict';
      }
      if (before !== undefined) rememberAll(writes, outcome.revisions, before);
      reset();
      return 'done';
    },
    reset,
  };

  function rememberAll(writes: ScriptKvWrite[], revisions: Map<string, number>, incarnation: string): void {
    const { owner } = options;
    for (const { key, json, ttlMs } of writes) {
      const revision = json === null ? 0 : revisions.get(key);
      if (revision === undefined) continue;
      memory.remember(nameOf(key), { json: json ?? undefined, revision, owner, incarnation, ttlMs });
    }
  }
}

/** What `$kv` answers in a call that has no store. */
export const NO_KV = new PackError(
  'UNSUPPORTED',
  '$kv is not available here: no key-value store is configured for transform.',
);
