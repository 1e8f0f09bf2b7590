/** A value as `$kv` stores it: its JSON text, and the revision it was read at. */
export interface ScriptKvEntry {
  json: string;
  /** Any number above 0 that changes with each write of the key. */
  revision: number;
}

/** One final write of an event. */
export interface ScriptKvWrite {
  key: string;
  /** JSON text; null deletes the key. */
  json: string | null;
  /** Time to live in ms from now; 0 means no expiry. */
  ttlMs: number;
  /**
   * The revision the event read: write only if it still is the last. 0: the event found no value, write only if
   * there still is none. Undefined: the event never read the key, write whatever is there.
   */
  expected: number | undefined;
}

/** What became of a commit. */
export type ScriptKvCommit =
  /** All written; `revisions` has the new revision of each key that holds a value now, as far as known. */
  | { ok: true; revisions: Map<string, number> }
  /**
   * Somebody else wrote one of the keys in between. `applied` names the keys of this commit that were written before
   * that was found (none, where the store can commit all or nothing): the sandbox does not write them a second time.
   */
  | { ok: false; applied: string[] };

/**
 * The key-value store behind `$kv`, as the sandbox needs it: bound to one namespace already, keys any text of up to
 * 1024 bytes. Calls must end by themselves (bounded waits): a PackError they throw becomes the script's error.
 */
export interface ScriptKv {
  /** Names the store and the namespace: calls with the same id share keys. */
  id: string;
  /** The value now (not from a cache), undefined when missing, deleted or expired. */
  get(key: string): Promise<ScriptKvEntry | undefined>;
  commit(writes: ScriptKvWrite[]): Promise<ScriptKvCommit>;
}
