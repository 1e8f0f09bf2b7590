import type { EventState, Script } from './types.ts';

/** Events of one frame, in the order in which they came. */
export interface Batch {
  script: Script | undefined;
  first: number;
  /** The frame: a head, then the events' texts, of which `at` is the next. */
  text: string;
  at: number;
  /** How long the text of each is; none of a block. */
  lengths: number[];
  geo: (EventState['geo'] | null)[] | undefined;
  next: number;
  /** Events that are wanted no more. */
  dropped: Set<number> | undefined;
  /** A block: its events are on a line each, have one id, and one record. */
  together: boolean;
}

/** The head of a frame of events, as the parent writes it. */
export interface BatchHead {
  s: number;
  b: number;
  l?: number[];
  r: string;
  g?: (EventState['geo'] | null)[];
  t?: 1;
}

/** The batch of a frame whose texts begin at `at`. */
export function batchOf(
  head: BatchHead,
  script: Script | undefined,
  frame: { text: string; at: number },
): Batch {
  return {
    script,
    first: head.b,
    ...frame,
    lengths: head.l ?? [],
    geo: head.g,
    next: 0,
    dropped: undefined,
    together: head.t === 1,
  };
}

/** Notes that an event which has not begun yet is wanted no more. */
export function dropFrom(queue: readonly Batch[], id: number): void {
  for (const batch of queue) {
    const ids = batch.together ? 1 : batch.lengths.length;
    if (id < batch.first + batch.next || id >= batch.first + ids) continue;
    batch.dropped ??= new Set();
    batch.dropped.add(id);
  }
}
