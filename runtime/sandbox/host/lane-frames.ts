import type { Attempt } from './attempt.ts';
import { randomSeed } from './random-seed.ts';

/** Answers to `$kv` reads on their way to a worker. */
export interface Replies {
  push(reply: unknown[]): void;
  clear(): void;
}

const FRAME_EVENTS = 100;
const FRAME_CHARS = 1 << 17;

/** How many attempts from `from` on fit into one frame: of one definition, at most `most`, not too large together. At least 1. */
export function frameSize(list: readonly Attempt[], from: number, most: number): number {
  const key = list[from]?.definition.key;
  let chars = 0;
  let size = 0;
  for (; size < Math.max(1, Math.min(FRAME_EVENTS, most)) && from + size < list.length; size++) {
    const attempt = list[from + size];
    // A block is a frame of its own.
    if (attempt?.size && size > 0) break;
    if (attempt?.size) return 1;
    chars += attempt?.json.length ?? 0;
    if (attempt?.definition.key !== key || (chars > FRAME_CHARS && size > 0)) break;
  }
  return size;
}

/** Events for a worker: a line of JSON with the lengths of their texts, and the texts; of a block, its lines. `base` is the first one's id. */
export function eventsFrame(
  attempts: readonly Attempt[],
  script: number,
  base: number,
): [head: string, texts: string | Buffer] {
  const [first] = attempts;
  if (first?.size)
    return [`{"s":${script},"b":${base},"r":"${randomSeed()}","t":1}\n`, first.bytes ?? first.json];
  const { lengths, texts } = pieceOf(attempts) ?? joined(attempts);
  const isAsked = attempts.some(({ geo }) => geo !== undefined);
  const geo = isAsked ? `,"g":[${attempts.map(one => one.geo ?? 'null').join()}]` : '';
  return [`{"s":${script},"b":${base},"r":"${randomSeed()}","l":[${lengths.join()}]${geo}}\n`, texts];
}

interface Texts {
  lengths: number[];
  texts: string;
}

function joined(attempts: readonly Attempt[]): Texts {
  return {
    lengths: attempts.map(({ json }) => json.length),
    texts: attempts.map(({ json }) => json).join(''),
  };
}

/** Lines that follow each other are one piece of the text they came in: each goes with its line break, nothing is copied. */
function pieceOf(attempts: readonly Attempt[]): Texts | undefined {
  const [first] = attempts;
  const lines = first?.call.lines;
  if (!lines) return undefined;
  const { starts, ends } = lines;
  const from = first.index;
  const last = from + attempts.length - 1;
  const lengths: number[] = [];
  for (const { call, index } of attempts) {
    if (call !== first.call || index !== from + lengths.length) return undefined;
    const next = index < last ? starts[index + 1] : ends[index];
    const length = (next ?? 0) - (starts[index] ?? 0);
    // Between them are only line breaks: what else is blank to us, JSON does not take.
    if (index < last && length !== (ends[index] ?? 0) - (starts[index] ?? 0) + 1) return undefined;
    lengths.push(length);
  }
  return { lengths, texts: lines.text.slice(starts[from], ends[last]) };
}

/** Gathers what is answered within one turn of the event loop into one frame. */
export function createReplies(send: (text: string) => void): Replies {
  let batch: unknown[][] = [];
  const flush = (): void => {
    if (batch.length > 0) send(JSON.stringify(batch));
    batch = [];
  };
  return {
    push(reply) {
      batch.push(reply);
      if (batch.length === 1) setImmediate(flush);
    },
    clear() {
      batch = [];
    },
  };
}
