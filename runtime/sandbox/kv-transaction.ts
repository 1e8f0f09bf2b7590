import { PackError } from '../core/errors.ts';
import type { KeyHolder, KeyLocks } from './kv-locks.ts';
import type { ScriptKv, ScriptKvWrite } from './ports.ts';
import type { EventRecord } from './records.ts';

/** The `$kv` side of one event, over all its runs. */
export interface KvTransaction {
  /** The JSON of a key for a `get`; rejects with a PackError. Never resolves for a run that was started over. */
  read(key: string): Promise<string | undefined>;
  /** Writes what the event set. `conflict`: somebody else wrote in between, run the event again; `restarted`: it already does. */
  commit(writes: EventRecord['writes']): Promise<'done' | 'conflict' | 'restarted'>;
  /** Ends this run and frees its keys; the next `read` begins a new one. */
  reset(): void;
}

/** What a transaction is about. */
export interface TransactionOptions {
  kv: ScriptKv;
  locks: KeyLocks;
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

const REMEMBER_MS = 1000;
const NEVER = new Promise<never>(() => {});

/** One event's reads with the revisions they saw, and its compare-and-set commit. */
export function createTransaction(options: TransactionOptions): KvTransaction {
  const { kv, locks } = options;
  let seen = new Map<string, number>();
  // What an earlier run of this event already wrote where the store could not commit all or nothing: read as it was
  // before that write, and not written again, so that no effect happens twice.
  const pinned = new Map<string, string | undefined>();
  let values = new Map<string, string | undefined>();
  let holder = newHolder();

  function newHolder(): KeyHolder {
    return { seq: options.seq, committing: false, restart: () => restart() };
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
  }

  /** Waits for a key; false when this run is over. */
  const take = async (mine: KeyHolder, key: string): Promise<boolean> => {
    const granted = locks.acquire(mine, key);
    return granted === true ? mine === holder : (await granted) && mine === holder;
  };
  const fetch = async (key: string): Promise<{ json: string | undefined; revision: number }> => {
    const last = locks.recall(key);
    if (last?.owner === options.owner && last.until > Date.now()) return last;
    const entry = await kv.get(key);
    return { json: entry?.json, revision: entry?.revision ?? 0 };
  };

  return {
    async read(key) {
      if (pinned.has(key)) return pinned.get(key);
      const mine = holder;
      if (!options.readOnly && !(await take(mine, key))) return NEVER;
      const { json, revision } = await fetch(key);
      if (mine !== holder) return NEVER;
      seen.set(key, revision);
      values.set(key, json);
      return json;
    },
    async commit(records) {
      const mine = holder;
      const writes = records
        .filter(([key]) => !pinned.has(key))
        .map(([key, json, ttlMs]): ScriptKvWrite => ({ key, json, ttlMs, expected: seen.get(key) }));
      for (const { key } of writes) if (!(await take(mine, key))) return 'restarted';
      await options.turn();
      if (mine !== holder) return 'restarted';
      mine.committing = true;
      const outcome = await kv.commit(writes);
      if (!outcome.ok) {
        for (const key of outcome.applied) pinned.set(key, values.get(key));
        // What was remembered led to this: the next run asks the store.
        for (const { key } of writes)
          locks.remember(key, { json: undefined, revision: 0, owner: options.owner, until: 0 });
        reset();
        return 'conflict';
      }
      rememberAll(writes, outcome.revisions);
      reset();
      return 'done';
    },
    reset,
  };

  function rememberAll(writes: ScriptKvWrite[], revisions: Map<string, number>): void {
    const now = Date.now();
    for (const { key, json, ttlMs } of writes) {
      const revision = json === null ? 0 : revisions.get(key);
      const life = ttlMs > 0 ? Math.min(REMEMBER_MS, ttlMs / 2) : REMEMBER_MS;
      if (revision !== undefined)
        locks.remember(key, { json: json ?? undefined, revision, owner: options.owner, until: now + life });
    }
  }
}

/** What `$kv` answers in a call that has no store. */
export const NO_KV = new PackError(
  'UNSUPPORTED',
  '$kv is not available here: no key-value store is configured for transform.',
);
