import { isUtf8 } from 'node:buffer';
import type { LineRun, RawLines } from '../../core/scripts.ts';
import type { Attempt, Call } from './attempt.ts';
import { newAttempt, release, SETTLED } from './attempt.ts';
import type { Budget } from './budget.ts';
import type { Definition } from './definition.ts';
import { mayRunInBlocks } from './definition.ts';
import { createCpuMeter } from './lane-cpu.ts';
import type { CallUsage } from './usage.ts';

/** What it needs from the sandbox. */
export interface LineRunContext {
  nextSeq: () => number;
  budget: Budget;
  /** Throws where the tenant has used up its share. */
  enter: () => CallUsage;
  submit: (attempt: Attempt) => void;
}

/** The lines of each call are one block, which is a call of its own: what one of them may use up, all of it may. */
export function createLineRun(definition: Definition, context: LineRunContext): LineRun {
  return {
    isOpen: () => mayRunInBlocks(definition),
    async run(lines) {
      return mayRunInBlocks(definition) && isUtf8(lines.bytes) ? await runBlock(lines) : undefined;
    },
  };

  function runBlock({ bytes, count: size }: RawLines): ReturnType<LineRun['run']> {
    const { promise, resolve } = Promise.withResolvers<Awaited<ReturnType<LineRun['run']>>>();
    const usage = context.enter();
    const budget = context.budget.open();
    const end = (attempt: Attempt, made?: { text: string; count: number }): void => {
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
      spend: budget.spend,
      cpu,
      acceptBlock(attempt, record) {
        if ('code' in record) return end(attempt);
        const count = record.counts?.reduce((sum, one) => sum + one, 0) ?? size;
        end(attempt, { text: record.text, count });
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

/** The same bytes. */
function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
