import type { Change } from '../../api/change.ts';
import type { Store } from '../../lib/store.ts';
import { createStore } from '../../lib/store.ts';

/** A change in the list. */
export interface Row extends Change {
  bucket: string;
  /** Its value was let go, for there are too many large ones after it. */
  forgotten?: true;
}

/** What the page shows. */
export interface FeedState {
  /** Newest first, no more than the limit. */
  rows: readonly Row[];
  /** Changes told since the start or since it was cleared, by what they are; those that wait are not among them. */
  counts: Readonly<Record<Change['operation'], number>>;
  /** Changes that came while it was paused, all of them, however many are kept. */
  waiting: number;
  paused: boolean;
}

/** How much is kept. */
export interface FeedLimits {
  rows: number;
  /** Characters of all values together. */
  characters: number;
  /** Milliseconds between two renderings. */
  everyMs: number;
}

/** Changes as they come, handed on in batches: ten thousand a second make ten renderings, not ten thousand. */
export interface Feed {
  state: Store<FeedState>;
  /** Changes of one bucket. */
  push(bucket: string, changes: readonly Change[]): void;
  pause(): void;
  resume(): void;
  clear(): void;
  /** Changes of each of the last 60 seconds, oldest first, without the second that runs. */
  perSecond(): number[];
  /** Revision of the last change that came; 0 before the first, and where changes of several buckets come. */
  lastRevision(): number;
  /** All that ever came. */
  total(): number;
}

const SECONDS = 60;
const NOTHING = { put: 0, delete: 0, purge: 0, expire: 0 };

/** Makes a feed with nothing in it. Defaults: 5,000 rows, 16 million characters, ten renderings a second. */
export function createFeed({
  rows: most = 5_000,
  characters = 16_000_000,
  everyMs = 100,
}: Partial<FeedLimits> = {}): Feed {
  const state = createStore<FeedState>({ rows: [], counts: NOTHING, waiting: 0, paused: false });
  const seconds = new Map<number, number>();
  let pending: Row[] = [];
  let pendingCounts = { ...NOTHING };
  let waiting = 0;
  let last: { bucket: string; revision: number } | undefined;
  let mixed = false;
  let total = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    state,
    push,
    pause: () => {
      show();
      state.set({ ...state.get(), paused: true });
    },
    resume: () => {
      state.set({ ...state.get(), paused: false });
      show();
    },
    clear: () => {
      forget();
      state.set({ ...state.get(), rows: [], counts: NOTHING, waiting: 0 });
    },
    perSecond,
    lastRevision: () => (mixed ? 0 : (last?.revision ?? 0)),
    total: () => total,
  };

  function push(bucket: string, changes: readonly Change[]): void {
    const second = Math.floor(Date.now() / 1_000);
    seconds.set(second, (seconds.get(second) ?? 0) + changes.length);
    if (seconds.size > SECONDS + 2) dropOld(second);
    for (const change of changes) {
      pending.push({ ...change, bucket });
      pendingCounts[change.operation] += 1;
    }
    waiting += changes.length;
    total += changes.length;
    mixed ||= last !== undefined && last.bucket !== bucket;
    last = { bucket, revision: changes.at(-1)?.revision ?? last?.revision ?? 0 };
    // A tab in the background is rarely given time to show anything; what it would not show is not kept.
    if (pending.length > 2 * most) pending = withinCharacters(pending.slice(-most));
    timer ??= setTimeout(show, everyMs);
  }

  function show(): void {
    clearTimeout(timer);
    timer = undefined;
    const before = state.get();
    if (before.paused) {
      pending = withinCharacters(pending.slice(-most));
      if (before.waiting !== waiting) state.set({ ...before, waiting });
      return;
    }
    if (pending.length === 0) return;
    const rows = withinLimits([...pending.reverse(), ...before.rows]);
    const counts = { ...before.counts };
    for (const name of Object.keys(counts) as Change['operation'][]) counts[name] += pendingCounts[name];
    forget();
    state.set({ rows, counts, waiting: 0, paused: false });
  }

  function forget(): void {
    pending = [];
    pendingCounts = { ...NOTHING };
    waiting = 0;
  }

  function withinLimits(newestFirst: Row[]): Row[] {
    newestFirst.length = Math.min(newestFirst.length, most);
    let room = characters;
    return newestFirst.map(row => {
      room -= row.value?.length ?? 0;
      return room >= 0 || row.value === undefined ? row : withoutValue(row);
    });
  }

  function withinCharacters(oldestFirst: Row[]): Row[] {
    return withinLimits(oldestFirst.reverse()).reverse();
  }

  function perSecond(): number[] {
    const now = Math.floor(Date.now() / 1_000);
    return Array.from({ length: SECONDS }, (_, index) => seconds.get(now - SECONDS + index) ?? 0);
  }

  function dropOld(now: number): void {
    for (const second of seconds.keys()) if (second < now - SECONDS) seconds.delete(second);
  }
}

function withoutValue({ value: _value, encoding: _encoding, ...row }: Row): Row {
  return { ...row, forgotten: true };
}
