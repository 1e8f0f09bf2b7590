import type { KvKeyTreeOutput, TreeChild } from '../../../../contract/types.gen.ts';
import { invoke } from '../../api/invoke.ts';
import { createStore, type Store } from '../../lib/store.ts';

/** One level of the tree, as far as it is known. */
export interface Level {
  children: readonly TreeChild[];
  /** Keys looked at so far. */
  scanned: number;
  done: boolean;
  loading: boolean;
  error: unknown;
}

/** A line of the tree. */
export type TreeRow =
  | {
      kind: 'child';
      id: string;
      depth: number;
      child: TreeChild;
      open: boolean | undefined;
      counting: boolean;
    }
  | { kind: 'more' | 'loading'; id: string; depth: number; open: undefined; prefix: string; level: Level };

/** Levels of a bucket's keys, each loaded when it is opened. */
export interface TreeLevels {
  state: Store<ReadonlyMap<string, Level>>;
  open(prefix: string): void;
  close(prefix: string): void;
  /** Goes on where a level stopped because it has very many children. */
  more(prefix: string): void;
  refresh(): void;
  end(): void;
}

/** The first look is short, so that there is something to see at once. */
const FIRST_LOOK = 2_000;
const LOOK = 20_000;
/** A level with more children than this goes on when asked to. */
const MAX = 2_000;

/** Where to go on: by the cursor, which counts each key once, where the server gives one. */
type Place = { cursor: string } | { start_seq: number };
const START: Place = { start_seq: 0 };

const EMPTY: Level = { children: [], scanned: 0, done: false, loading: false, error: undefined };
const byName = new Intl.Collator('en', { numeric: true });

/** Loads levels by kv-key-tree, step by step; counts grow while it looks. */
export function createTreeLevels(where: { bucket: string; filter: string; delimiter: string }): TreeLevels {
  const state = createStore<ReadonlyMap<string, Level>>(new Map());
  const running = new Map<string, AbortController>();
  const places = new Map<string, Place>();
  return { state, open, close, more, refresh, end };

  function open(prefix: string): void {
    if (!running.has(prefix)) void load(prefix, { level: EMPTY, place: START, most: MAX });
  }

  function close(prefix: string): void {
    const levels = new Map(state.get());
    for (const name of [...levels.keys(), ...running.keys()]) {
      if (!name.startsWith(prefix)) continue;
      running.get(name)?.abort();
      running.delete(name);
      levels.delete(name);
    }
    state.set(levels);
  }

  function more(prefix: string): void {
    const level = state.get().get(prefix);
    if (!level || level.loading) return;
    void load(prefix, { level, place: places.get(prefix) ?? START, most: level.children.length + MAX });
  }

  function refresh(): void {
    for (const prefix of state.get().keys()) {
      running.get(prefix)?.abort();
      void load(prefix, { level: EMPTY, place: START, most: MAX });
    }
  }

  async function load(prefix: string, from: { level: Level; place: Place; most: number }): Promise<void> {
    const ended = new AbortController();
    running.set(prefix, ended);
    const children = new Map(from.level.children.map(child => [child.name, child]));
    let { scanned } = from.level;
    let { place } = from;
    // Where the first answer fails, `more` goes on from here, not from where an earlier look ended.
    places.set(prefix, place);
    tell({ ...(state.get().get(prefix) ?? from.level), loading: true, error: undefined });
    try {
      for (let more = true; more && children.size < from.most; ) {
        const limit = scanned === 0 ? FIRST_LOOK : LOOK;
        const answer = await invoke(
          'kv-key-tree',
          { ...where, prefix, ...place, limit },
          { signal: ended.signal },
        );
        if (ended.signal.aborted) return;
        merge(children, answer.children);
        scanned += answer.scanned;
        place = placeAfter(answer);
        places.set(prefix, place);
        more = answer.has_more;
        tell({ children: sorted(children), scanned, done: !more, loading: more, error: undefined });
      }
      const level = state.get().get(prefix);
      if (level?.loading) tell({ ...level, loading: false });
    } catch (error) {
      if (ended.signal.aborted) return;
      tell({ children: sorted(children), scanned, done: false, loading: false, error });
    }

    function tell(level: Level): void {
      state.set(new Map(state.get()).set(prefix, level));
    }
  }

  function end(): void {
    for (const each of running.values()) each.abort();
    running.clear();
  }
}

/** Lines of what is open, in order. */
export function treeRows(levels: ReadonlyMap<string, Level>): TreeRow[] {
  const rows: TreeRow[] = [];
  add('', 0);
  return rows;

  function add(prefix: string, depth: number): void {
    const level = levels.get(prefix);
    if (!level) return;
    for (const child of level.children) {
      const open = child.prefix === undefined ? undefined : levels.has(child.prefix);
      const id = `${prefix}${child.name}`;
      rows.push({ kind: 'child', id, depth, child, open, counting: !level.done });
      if (open && child.prefix !== undefined) add(child.prefix, depth + 1);
    }
    if (level.done) return;
    const kind = level.loading ? 'loading' : 'more';
    rows.push({ kind, id: `${prefix}\n${kind}`, depth, open: undefined, prefix, level });
  }
}

function placeAfter({ cursor, next_seq }: KvKeyTreeOutput): Place {
  return cursor === undefined ? { start_seq: next_seq } : { cursor };
}

function merge(children: Map<string, TreeChild>, found: readonly TreeChild[]): void {
  for (const child of found) {
    const before = children.get(child.name);
    children.set(child.name, { ...before, ...child, keys: (before?.keys ?? 0) + child.keys });
  }
}

function sorted(children: Map<string, TreeChild>): TreeChild[] {
  return [...children.values()].sort((a, b) => byName.compare(a.name, b.name));
}
