import { type Attempt, eventsOf, lengthOf } from './attempt.ts';

/** The attempts a worker has, by the ids it knows them by. */
export interface Running {
  /** Events. */
  size(): number;
  /** Gives the attempts of a frame ids that follow each other and were never given before; answers the first. */
  add(attempts: readonly Attempt[]): number;
  /** The attempt that the worker speaks of: so it has the frame it came in. */
  heard(id: number): Attempt | undefined;
  /** Characters of the frames that the worker has not spoken of: they may still be on their way. */
  unheard(): number;
  /** The attempt is done in the worker: what it had is answered, and its id means nothing any more. */
  remove(id: number): void;
  /** The id of an attempt, 0 when it is not running. */
  idOf(attempt: Attempt): number;
  all(): Attempt[];
  /** The one that the worker has had for longest, mostly the one it runs. */
  oldest(): Attempt | undefined;
  /** The longest that one of them may take, in ms. */
  longestMs(): number;
  clear(): void;
}

interface Frame {
  first: number;
  attempts: (Attempt | undefined)[];
  left: number;
  /** Characters that may still be on their way. */
  unheard: number;
}

/**
 * Frames in the order of their ids, of which there are few. Not a map: one that so much goes through leaves its old
 * tables behind, each pointing to the next, and what they held lives on until the garbage collector's next full round.
 */
export function createRunning(): Running {
  let frames: Frame[] = [];
  let next = 1;
  let size = 0;
  let unheard = 0;

  /** Place of the last frame that begins at or before `id`, -1 when there is none. */
  const placeOf = (id: number): number => {
    // Nearly always the oldest is asked for.
    if (id >= (frames[0]?.first ?? 0) && id < (frames[1]?.first ?? next)) return 0;
    let low = 0;
    let high = frames.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((frames[middle]?.first ?? 0) <= id) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  };
  const all = (): Attempt[] =>
    frames.flatMap(({ attempts }) => attempts.filter(attempt => attempt !== undefined));

  return {
    size: () => size,
    add(attempts) {
      const first = next;
      next += attempts.length;
      let chars = 0;
      for (const attempt of attempts) {
        chars += lengthOf(attempt);
        size += eventsOf(attempt);
      }
      unheard += chars;
      frames.push({ first, attempts: [...attempts], left: attempts.length, unheard: chars });
      return first;
    },
    heard(id) {
      const frame = frames[placeOf(id)];
      if (!frame) return undefined;
      unheard -= frame.unheard;
      frame.unheard = 0;
      return frame.attempts[id - frame.first];
    },
    unheard: () => unheard,
    remove(id) {
      const at = placeOf(id);
      const frame = frames[at];
      const attempt = frame?.attempts[id - frame.first];
      if (!frame || !attempt) return;
      frame.attempts[id - frame.first] = undefined;
      size -= eventsOf(attempt);
      if (--frame.left > 0) return;
      frames.splice(at, 1);
      unheard -= frame.unheard;
    },
    idOf(attempt) {
      for (const { first, attempts } of frames) {
        const at = attempts.indexOf(attempt);
        if (at >= 0) return first + at;
      }
      return 0;
    },
    all,
    oldest: () => frames[0]?.attempts.find(attempt => attempt !== undefined),
    longestMs: () => all().reduce((longest, { definition }) => Math.max(longest, definition.timeoutMs), 0),
    clear() {
      frames = [];
      size = 0;
      unheard = 0;
    },
  };
}
