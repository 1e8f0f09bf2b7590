import type { EventOutput } from './results.ts';

/** What is to leave the realm with the next frames. */
export interface Outbox {
  /** The record of an event, or of a block of them. */
  add(output: EventOutput): void;
  /** Told with the next frame of the event `id`; those beyond a bound are left out. */
  warn(id: number, text: string): void;
  /** The next output frame, a line of JSON and the texts of its events behind it; `""` when there is none. */
  drain(): string;
}

// Fits into what the parent reads at once, so that it need not be put together there.
const MAX_FRAME = 60_000;
const MAX_WARNINGS = 20;

/** Builds it. `reads` and `requests`, of keys and by fetch, leave with it. */
export function makeOutbox(reads: string[], requests: string[]): Outbox {
  const outputs: EventOutput[] = [];
  const warnings: [number, string][] = [];

  return {
    add: output => void outputs.push(output),
    warn(id, text) {
      if (warnings.length < MAX_WARNINGS) warnings.push([id, text]);
    },
    drain() {
      if (outputs.length + reads.length + requests.length + warnings.length === 0) return '';
      let size = 0;
      let count = 0;
      // A block is a frame of its own.
      for (const { head, body, lines } of outputs) {
        size += head.length + body.length + 1;
        if (count > 0 && (lines || size > MAX_FRAME)) break;
        count++;
        if (lines) break;
      }
      const sent = outputs.splice(0, count);
      const fetches = requests.length === 0 ? '' : `,"f":[${requests.splice(0).join(',')}]`;
      const told = warnings.length === 0 ? '' : `,"w":${JSON.stringify(warnings.splice(0))}`;
      const heads = sent.map(({ head }) => head).join(',');
      const line = `{"r":[${heads}],"k":[${reads.splice(0).join(',')}]${fetches}${told}}`;
      // What is long is joined once, with the line before it.
      const lines = sent[0]?.lines;
      return lines ? [line, ...lines].join('\n') : [line, '\n', ...sent.map(({ body }) => body)].join('');
    },
  };
}
