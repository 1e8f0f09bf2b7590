import type { Io } from './io.ts';

/** A line on stderr that is written over and over, on a terminal; nothing elsewhere. */
export interface Progress {
  show(text: string): void;
  /** Ends the line. */
  done(): void;
}

const EVERY_MS = 200;

/** Shows how far something long has come. */
export function createProgress(io: Io): Progress {
  let shownAt = 0;
  let shown = false;
  return {
    show: text => {
      const now = Date.now();
      if (!io.overwrite || now - shownAt < EVERY_MS) return;
      shownAt = now;
      shown = true;
      io.overwrite(text);
    },
    done: () => {
      if (shown) io.overwrite?.('');
    },
  };
}
