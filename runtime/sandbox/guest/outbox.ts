import type { EventOutput } from './results.ts';

/** What is to leave the realm with the next frames. */
export interface Outbox {
  /** The record of an event, or of a block of them. */
  add(output: EventOutput): void;
  /** What a block became, as one list in JSON: a head, and the list in parts. */
  addList(head: string, parts: string[]): void;
  /** Told with the next frame of the event `id`; those beyond a bound are left out. */
  warn(id: number, text: string): void;
  /**
   * The next output frame, with its kind before it, `""` when there is none: of kind O a line of JSON and the texts of its events
   * behind it, of kind L the line that goes before a list, which {@link Outbox.part} hands over.
   */
  drain(): string;
  /** The next part of that list; `""` when there is none. */
  part(): string;
}

// Fits into what the parent reads at once, so that it need not be put together there.
const MAX_FRAME = 60_000;
const MAX_WARNINGS = 20;

/** Builds it. `reads` and `requests`, of keys and by fetch, leave with it. */
export function makeOutbox(reads: string[], requests: string[]): Outbox {
  const outputs: EventOutput[] = [];
  const lists: { head: string; parts: string[] }[] = [];
  let parts: string[] = [];
  const warnings: [number, string][] = [];

  return {
    add: output => void outputs.push(output),
    warn(id, text) {
      if (warnings.length < MAX_WARNINGS) warnings.push([id, text]);
    },
    addList: (head, parts) => void lists.push({ head, parts }),
    part: () => parts.shift() ?? '',
    drain() {
      const list = lists.shift();
      if (list) {
        parts = list.parts;
        return `L${list.head}\n`;
      }
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
      const line = `O{"r":[${heads}],"k":[${reads.splice(0).join(',')}]${fetches}${told}}`;
      // What is long is joined once, with the line before it.
      const lines = sent[0]?.lines;
      return lines ? [line, ...lines].join('\n') : [line, '\n', ...sent.map(({ body }) => body)].join('');
    },
  };
}
