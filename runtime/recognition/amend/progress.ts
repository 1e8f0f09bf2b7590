import type { KnownEvent } from '../event/known-event.ts';
import type { KnownMapping } from '../visitor/mapping.ts';

/** Which visitors have nothing left to do, over several batches. */
export interface Progress {
  /** A batch: the events that were looked after, and those of them that are done with. */
  add(events: readonly KnownEvent[], done: readonly KnownEvent[]): void;
  /** Visitors of whom an event is needed yet. */
  keep(visitors: readonly string[]): void;
  /** An event of each visitor of whom all are done with. */
  finished(): KnownEvent[];
}

/** Begins with nothing; `before` are the mappings that were there before the events were listed. */
export function createProgress(before: ReadonlyMap<string, KnownMapping>): Progress {
  const last = new Map<string, KnownEvent>();
  const open = new Map<string, number>();
  const unsure = new Set<string>();
  return {
    add(events, done) {
      for (const [event, count] of runsOf(events)) {
        // Whoever changed the mapping since looks at all events again, and is not to find those done with that we never saw.
        if (before.get(event.visitor)?.revision !== event.mapping.revision) unsure.add(event.visitor);
        last.set(event.visitor, event);
        open.set(event.visitor, (open.get(event.visitor) ?? 0) + count);
      }
      for (const [{ visitor }, count] of runsOf(done)) open.set(visitor, (open.get(visitor) ?? 0) - count);
    },
    keep: visitors => {
      for (const visitor of visitors) unsure.add(visitor);
    },
    finished: () =>
      [...last.values()].filter(({ visitor }) => open.get(visitor) === 0 && !unsure.has(visitor)),
  };
}

/** The events of a visitor mostly stand together, with one mapping: the last of each run, and how many they are. */
function runsOf(events: readonly KnownEvent[]): [last: KnownEvent, count: number][] {
  const runs: [KnownEvent, number][] = [];
  let run: [KnownEvent, number] | undefined;
  for (const event of events) {
    if (run && run[0].visitor === event.visitor && run[0].mapping === event.mapping) {
      run[0] = event;
      run[1] += 1;
      continue;
    }
    run = [event, 1];
    runs.push(run);
  }
  return runs;
}
