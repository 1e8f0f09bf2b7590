import type { TransformDeadListInput, TransformDeadListOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { findLetters, scriptOf } from '../runtime/core/script-dead.ts';
import { namedUnreadable } from '../runtime/core/state/dead-letters.ts';

const PAGE = 100;

export default defineFunction<TransformDeadListInput, TransformDeadListOutput>({
  async run(input, ctx) {
    const found = await findLetters(ctx, { ...input, limit: input.limit ?? PAGE });
    const { letters, cursor } = found;
    return {
      letters: letters.map(letter => {
        const { key, at, destination, code, message, event, text, leftOut, by, expiresAt } = letter;
        const script_id = scriptOf(letter);
        return {
          key,
          at,
          namespace: destination,
          ...(script_id !== undefined && { script_id }),
          code,
          message,
          event,
          ...(text !== undefined && { text }),
          ...(leftOut !== undefined && { left_out: leftOut }),
          by,
          ...(expiresAt !== undefined && { expires_at: expiresAt }),
        };
      }),
      ...namedUnreadable(found),
      ...(cursor !== undefined && { cursor }),
    };
  },
});
