/** The last value written through this process, as the store had it then. */
export interface Remembered {
  json: string | undefined;
  revision: number;
  /** Milliseconds since 1970; undefined: it stays. */
  expiresAt?: number | undefined;
}

/** A write that went well. */
export interface Written extends Remembered {
  /** The call that wrote. */
  owner: object;
  /** The bucket's incarnation before the write. */
  incarnation: string;
  /** Time to live in ms; 0: none. */
  ttlMs: number;
}

/**
 * What keys held when this process last wrote them, so that the next event need not ask the store. It may have been
 * overwritten since: whoever goes on from it has to find out before anything comes of it.
 */
export interface KvMemory {
  /** A value to go on from; undefined: ask the store. */
  recall(key: string, owner: object, incarnation: string): Remembered | undefined;
  remember(key: string, written: Written): void;
  /**
   * Somebody else wrote the key: it is contested for a while. Then a call goes on from what it wrote itself, and every
   * other call asks the store.
   */
  stale(key: string): void;
  /** Whether a contested key was written so often in a row that somebody else is to have it now. Says so once. */
  gapDue(key: string): boolean;
}

/** The memories of all stores and namespaces of a process, within one bound. */
export interface KvMemories {
  /** The one of a store and namespace, by the id of both. */
  of(id: string): KvMemory;
}

interface Entry extends Written {
  at: number;
  until: number;
  /** Recalled since the store was last asked. */
  streak: number;
  /** Others write the key too, as far as is known until then. */
  contestedUntil: number;
  /** Written since the last gap, or since somebody else wrote it. */
  inARow: number;
}

const LIFE_MS = 10_000;
const MAX_ENTRIES = 5_000;
const MAX_CHARS = 1 << 21;
/** Two processes at one key: nobody else must have written it for so long before it counts as one's own again. */
const CONTESTED_MS = 5_000;
/**
 * At a contested key a call goes on from what it wrote itself: asking before each event would take twice as long, and the
 * key would change hands, which costs both, event by event. After so many events it is left alone for a moment.
 */
const OWN_MS = 1_000;
const MAX_IN_A_ROW = 50;
/** A key written less than this ago by another call is in demand: the store is asked, so that others find a gap. */
const COOL_MS = 25;
/** Events of one call that follow each other without asking. */
const MAX_STREAK = 1;
/** A wrong guess costs about ten right ones; where there are more, nothing is recalled for a while. */
const STALE_COST = 10;
const MAX_CREDIT = 200;
const OFF_MS = 2_000;

/** By id of the store and namespace, then by key: put together they would be texts that nobody else looks up. */
type Generation = Map<string, Map<string, Entry>>;

/** One for all stores and namespaces of a process. */
export function createKvMemory(now: () => number = Date.now): KvMemories {
  // Two generations: the older one is dropped as a whole, so that nothing is ever sorted or swept.
  let young: Generation = new Map();
  let old: Generation = new Map();
  let count = 0;
  let chars = 0;
  let credit = MAX_CREDIT;
  let offUntil = 0;
  /** No key of any is contested after that. */
  let calmFrom = 0;

  const keep = (id: string, key: string, entry: Entry): void => {
    const size = key.length + (entry.json?.length ?? 0);
    if (count >= MAX_ENTRIES || chars + size > MAX_CHARS) {
      old = young;
      young = new Map();
      count = 0;
      chars = 0;
    }
    if (size > MAX_CHARS) return;
    const own = young.get(id) ?? new Map<string, Entry>();
    if (own.size === 0) young.set(id, own);
    const before = own.size;
    own.set(key, entry);
    count += own.size - before;
    chars += size;
  };
  const usable = (entry: Entry, owner: object, time: number): boolean => {
    if (entry.until <= time || time < offUntil) return false;
    return entry.owner === owner ? entry.streak < MAX_STREAK : time - entry.at >= COOL_MS;
  };
  const goesOn = (entry: Entry, owner: object, time: number): boolean =>
    entry.owner === owner && time < Math.min(entry.until, entry.at + OWN_MS);

  return { of: memoryOf };

  function memoryOf(id: string): KvMemory {
    const find = (key: string): Entry | undefined => young.get(id)?.get(key) ?? old.get(id)?.get(key);
    return {
      recall(key, owner, incarnation) {
        const time = now();
        const entry = find(key);
        if (!entry || entry.incarnation !== incarnation) return undefined;
        if (entry.contestedUntil > time) return goesOn(entry, owner, time) ? entry : undefined;
        if (!usable(entry, owner, time)) {
          entry.streak = 0;
          return undefined;
        }
        entry.streak++;
        credit = Math.min(MAX_CREDIT, credit + 1);
        return entry;
      },
      remember(key, written) {
        const time = now();
        const before = find(key);
        const { json, revision, expiresAt, owner, incarnation, ttlMs } = written;
        const life = ttlMs > 0 ? Math.min(LIFE_MS, ttlMs / 2) : LIFE_MS;
        keep(id, key, {
          json,
          revision,
          expiresAt,
          owner,
          incarnation,
          ttlMs,
          at: time,
          until: time + life,
          streak: before?.streak ?? 0,
          contestedUntil: before?.contestedUntil ?? 0,
          inARow: (before?.inARow ?? 0) + 1,
        });
      },
      gapDue(key) {
        const time = now();
        const entry = time < calmFrom ? find(key) : undefined;
        if (!entry || entry.contestedUntil <= time || entry.inARow < MAX_IN_A_ROW) return false;
        entry.inARow = 0;
        entry.until = 0;
        return true;
      },
      stale(key) {
        const time = now();
        const entry = find(key);
        const isNews = !entry || entry.contestedUntil <= time;
        if (entry) {
          entry.contestedUntil = time + CONTESTED_MS;
          calmFrom = entry.contestedUntil;
          entry.until = 0;
          entry.streak = 0;
          entry.inARow = 0;
        }
        if (!isNews) return;
        credit -= STALE_COST;
        if (credit >= 0) return;
        credit = 0;
        offUntil = time + OFF_MS;
      },
    };
  }
}
