import type { TransformDeadDropInput, TransformDeadDropOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { dropLetters, findLetters } from '../runtime/core/script-dead.ts';
import { droppable } from '../runtime/core/state/dead-letters.ts';

const MAX = 1_000;

export default defineFunction<TransformDeadDropInput, TransformDeadDropOutput>({
  async run(input, ctx) {
    const found = await findLetters(ctx, { ...input, limit: MAX });
    const { cursor } = found;
    const dropped = await dropLetters(ctx, droppable(found, input.code));
    return { dropped, more: cursor !== undefined, ...(cursor !== undefined && { cursor }) };
  },
});
