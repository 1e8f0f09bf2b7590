import { isUtf8 } from 'node:buffer';
import type { LineRun, MadeLines, RawLines } from '../../core/scripts.ts';
import type { Attempt, Call } from './attempt.ts';
import { newAttempt, release, SETTLED } from './attempt.ts';
import type { BlockRecord } from './block-record.ts';
import type { Budget } from './budget.ts';
import type { Definition } from './definition.ts';
import { mayRunInBlocks } from './definition.ts';
import { createCpuMeter } from './lane-cpu.ts';
import type { CallUsage } from './usage.ts';

/** Blocks that are run, and wait to be, so that neither a worker nor this process ever waits for the other. */
const MIN_WIDTH = 8;

/** What it needs from the sandbox. */
export interface LineRunContext {
  nextSeq: () => number;
  budget: Budget;
  /** Throws where the tenant has used up its share. */
  enter: () => CallUsage;
  submit: (attempt: Attempt) => void;
  /** Workers that may be at it. */
  workers: number;
}

/** The lines of each call are one block, which is a call of its own: what one of them may use up, all of it may. */
export function createLineRun(definition: Definition, context: LineRunContext): LineRun {
  return {
    width: Math.max(MIN_WIDTH, 2 * context.workers),
    isOpen: () => mayRunInBlocks(definition),
    async run(lines) {
      return mayRunInBlocks(definition) && isUtf8(lines.bytes) ? await runBlock(lines) : undefined;
    },
  };

  function runBlock({ bytes, count: size }: RawLines): ReturnType<LineRun['run']> {
    const { promise, resolve } = Promise.withResolvers<Awaited<ReturnType<LineRun['run']>>>();
    const usage = context.enter();
    const budget = context.budget.open();
    const end = (attempt: Attempt, made?: MadeLines): void => {
      if (attempt.settled) return;
      release(attempt);
      budget.close();
      cpu.close();
      resolve(made);
    };
    const cpu = createCpuMeter(usage, () => undefined);
    const call: Call = {
      ...SETTLED,
      asText: true,
      asBytes: true,
      spend: budget.spend,
      cpu,
      acceptBlock(attempt, record) {
        if ('code' in record) return end(attempt);
        const count = record.counts?.reduce((sum, one) => sum + one, 0) ?? size;
        end(attempt, { ...copyOf(record), count });
      },
      fail: attempt => end(attempt),
      split(attempt) {
        end(attempt);
        return [];
      },
    };
    const block = { json: '', bytes: bufferOf(bytes), size };
    context.submit(newAttempt(call, definition, { ...block, index: 0, seq: context.nextSeq() }));
    return promise;
  }
}

/** Most blocks become no more. */
const ROOM = 128 * 1024;
const MAX_FREE = 32;

const free: Buffer[] = [];

/** In memory that is used again: new memory for each block costs more than all that is done with it. */
function copyOf({ text, bytes }: BlockRecord): Omit<MadeLines, 'count'> {
  if (!bytes) return { text: Buffer.from(text) };
  if (bytes.length > ROOM) return { text: Buffer.from(bytes) };
  const room = free.pop() ?? Buffer.allocUnsafeSlow(ROOM);
  const size = bytes.copy(room);
  return { text: room.subarray(0, size), release: () => void (free.length < MAX_FREE && free.push(room)) };
}

/** The same bytes. */
function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
