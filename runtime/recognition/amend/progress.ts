import type { KnownEvent } from '../event/known-event.ts';
import type { Place } from '../remember/remembered-events.ts';
import type { KnownMapping } from '../visitor/mapping.ts';

/** Which visitors have nothing left to do, over several batches. */
export interface Progress {
  /** A batch is looked after from now on; all that is answered tells what came of it. */
  begin(places: readonly Place[]): (came: BatchOutcome) => void;
  /** Visitors of whom all events so far are done with, none of them in a batch that is under way; each is told once. */
  finished(): { visitor: string; mapping: KnownMapping }[];
}

/** What came of a batch. */
export interface BatchOutcome {
  /** The events that were looked after. */
  events: readonly KnownEvent[];
  /** Those of them that are done with. */
  done: readonly KnownEvent[];
  /** Visitors of whom an event is needed yet. */
  kept: readonly string[];
}

interface Standing {
  /** Batches under way. */
  batches: number;
  /** Events that are not done with. */
  open: number;
  mapping?: KnownMapping;
  isUnsure: boolean;
}

/** Begins with nothing; `before` are the mappings that were there before the events were listed. */
export function createProgress(before: ReadonlyMap<string, KnownMapping>): Progress {
  const visitors = new Map<string, Standing>();
  return { begin, finished };

  function begin(places: readonly Place[]) {
    const some = new Set<string>();
    for (const [{ visitor }] of runsOf(places)) some.add(visitor);
    for (const visitor of some) standing(visitor).batches += 1;
    return ({ events, done, kept }: BatchOutcome) => {
      for (const visitor of some) standing(visitor).batches -= 1;
      for (const visitor of kept) standing(visitor).isUnsure = true;
      for (const [{ visitor }, count] of runsOf(done)) standing(visitor).open -= count;
      for (const [{ visitor, mapping }, count] of runsOf(events)) {
        const one = standing(visitor);
        one.open += count;
        // Whoever changed the mapping since looks at all events again, and is not to find those done with that we never saw.
        one.isUnsure ||= before.get(visitor)?.revision !== mapping.revision;
        one.mapping = mapping;
      }
    };
  }

  function finished() {
    const done: { visitor: string; mapping: KnownMapping }[] = [];
    for (const [visitor, { batches, open, mapping, isUnsure }] of visitors) {
      if (batches > 0 || open > 0 || isUnsure || !mapping) continue;
      done.push({ visitor, mapping });
      visitors.delete(visitor);
    }
    return done;
  }

  function standing(visitor: string): Standing {
    let one = visitors.get(visitor);
    if (!one) {
      one = { batches: 0, open: 0, isUnsure: false };
      visitors.set(visitor, one);
    }
    return one;
  }
}

/** Those of a visitor mostly stand together: the last of each run, and how many they are. */
function runsOf<T extends { visitor: string; mapping?: KnownMapping }>(all: readonly T[]): [T, number][] {
  const runs: [T, number][] = [];
  let run: [T, number] | undefined;
  for (const one of all) {
    if (run && run[0].visitor === one.visitor && run[0].mapping === one.mapping) {
      run[0] = one;
      run[1] += 1;
      continue;
    }
    run = [one, 1];
    runs.push(run);
  }
  return runs;
}
