import type { Random } from '../support/random.ts';
import type { Clock } from './clock.ts';
import type { SimulatedMessage, SimulatedStream } from './stream.ts';
import { createStream } from './stream.ts';

/** A copy of a stream that has everything a moment late; commits as a whole. */
export interface Replica {
  readonly stream: SimulatedStream;
  stored(message: SimulatedMessage): void;
  purged(asked: { filter?: string; seq?: number }): void;
}

const LATE_MS = 500;

/** Makes an empty one. */
export function createReplica(config: SimulatedStream['config'], clock: Clock, random: Random): Replica {
  const stream = createStream(config, { now: clock.now, onStored: () => undefined });
  let waiting: (() => void)[] = [];
  const later = (change: () => void) => {
    waiting.push(change);
    if (waiting.length > 1) return;
    clock.after(LATE_MS * random.next(), () => {
      const all = waiting;
      waiting = [];
      for (const each of all) each();
    });
  };
  return {
    stream,
    stored: message => later(() => stream.follow(message)),
    purged: asked => later(() => void stream.purge(asked)),
  };
}
