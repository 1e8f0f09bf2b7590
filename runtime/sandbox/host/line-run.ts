import type { JsonLines } from '../../core/json-lines.ts';
import type { LineRun } from '../../core/scripts.ts';
import type { Attempt, Call } from './attempt.ts';
import { newAttempt, release, SETTLED } from './attempt.ts';
import { lengthsOf } from './blocks.ts';
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
      const lengths = mayRunInBlocks(definition) ? lengthsOf(lines) : undefined;
      return lengths && (await runBlock(lines, lengths));
    },
  };

  function runBlock({ text, ends }: JsonLines, lengths: number[]): ReturnType<LineRun['run']> {
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
        const count = record.counts?.reduce((sum, one) => sum + one, 0) ?? lengths.length;
        end(attempt, { text: record.text, count });
      },
      fail: attempt => end(attempt),
      split(attempt) {
        end(attempt);
        return [];
      },
    };
    const json = text.slice(0, ends.at(-1));
    context.submit(newAttempt(call, definition, { json, index: 0, seq: context.nextSeq(), lengths }));
    return promise;
  }
}
