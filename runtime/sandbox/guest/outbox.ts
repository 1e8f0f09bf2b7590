import type { EventOutput } from './results.ts';

/** What is to leave the realm with the next frames. */
export interface Outbox {
  /** The record of an event, or of a block of them. */
  add(output: EventOutput): void;
  /** Told with the next frame of the event `id`; those beyond a bound are left out. */
  warn(id: number, text: string): void;
  /** The head of the next output frame, `""` when there is none. */
  drain(): string;
  /** What belongs behind that head: the texts of events, which are long and so are not joined with it here. */
  texts(): string;
}

// Fits into what the parent reads at once, so that it need not be put together there.
const MAX_FRAME = 60_000;
const MAX_WARNINGS = 20;

/** Builds it. `reads` and `requests`, of keys and by fetch, leave with it. */
export function makeOutbox(reads: string[], requests: string[]): Outbox {
  const heads: string[] = [];
  const bodies: string[] = [];
  const warnings: [number, string][] = [];
  let drained = '';

  return {
    add({ head, body }) {
      heads.push(head);
      bodies.push(body);
    },
    warn(id, text) {
      if (warnings.length < MAX_WARNINGS) warnings.push([id, text]);
    },
    drain() {
      if (heads.length + reads.length + requests.length + warnings.length === 0) return '';
      let size = 0;
      let count = 0;
      for (; count < heads.length; count++) {
        size += (heads[count]?.length ?? 0) + (bodies[count]?.length ?? 0) + 1;
        if (size > MAX_FRAME && count > 0) break;
      }
      drained = bodies.splice(0, count).join('');
      const fetches = requests.length === 0 ? '' : `,"f":[${requests.splice(0).join(',')}]`;
      const told = warnings.length === 0 ? '' : `,"w":${JSON.stringify(warnings.splice(0))}`;
      return `{"r":[${heads.splice(0, count).join(',')}],"k":[${reads.splice(0).join(',')}]${fetches}${told}}\n`;
    },
    texts() {
      const texts = drained;
      drained = '';
      return texts;
    },
  };
}
