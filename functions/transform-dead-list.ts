import type { TransformDeadListInput, TransformDeadListOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { findLetters, scriptOf } from '../runtime/core/script-dead.ts';

const PAGE = 100;

export default defineFunction<TransformDeadListInput, TransformDeadListOutput>({
  async run(input, ctx) {
    const { letters, cursor } = await findLetters(ctx, { ...input, limit: input.limit ?? PAGE });
    return {
      letters: letters.map(letter => {
        const { key, at, destination, code, message, event, by, expiresAt } = letter;
        const script_id = scriptOf(letter);
        return {
          key,
          at,
          namespace: destination,
          ...(script_id !== undefined && { script_id }),
          code,
          message,
          event,
          by,
          ...(expiresAt !== undefined && { expires_at: expiresAt }),
        };
      }),
      ...(cursor !== undefined && { cursor }),
    };
  },
});
