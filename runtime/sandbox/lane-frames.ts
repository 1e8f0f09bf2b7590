import { randomBytes } from 'node:crypto';
import type { Attempt } from './call.ts';

/** Answers to `$kv` reads on their way to a worker. */
export interface Replies {
  push(reply: unknown[]): void;
  clear(): void;
}

const FRAME_EVENTS = 100;
const FRAME_CHARS = 1 << 20;

/** How many attempts from `from` on fit into one frame: of one definition, and not too large together. At least 1. */
export function frameSize(list: readonly Attempt[], from: number): number {
  const key = list[from]?.definition.key;
  let chars = 0;
  let size = 0;
  for (; size < FRAME_EVENTS && from + size < list.length; size++) {
    const attempt = list[from + size];
    chars += attempt?.json.length ?? 0;
    if (attempt?.definition.key !== key || (chars > FRAME_CHARS && size > 0)) break;
  }
  return size;
}

/** Events for a worker: a line of JSON with the lengths of their texts, then the texts. `base` is the first one's id. */
export function eventsFrame(attempts: Attempt[], script: number, base: number): string {
  let lengths = '';
  let texts = '';
  for (const { json } of attempts) {
    lengths += lengths === '' ? json.length : `,${json.length}`;
    texts += json;
  }
  const seed = randomBytes(16).toString('hex');
  return `{"s":${script},"b":${base},"r":"${seed}","l":[${lengths}]}\n${texts}`;
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
