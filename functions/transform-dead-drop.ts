import type { TransformDeadDropInput, TransformDeadDropOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { dropLetters, findLetters } from '../runtime/core/script-dead.ts';

const MAX = 1_000;

export default defineFunction<TransformDeadDropInput, TransformDeadDropOutput>({
  async run(input, ctx) {
    const { letters, cursor } = await findLetters(ctx, { ...input, limit: MAX });
    const dropped = await dropLetters(ctx, letters);
    return { dropped, more: cursor !== undefined, ...(cursor !== undefined && { cursor }) };
  },
});
