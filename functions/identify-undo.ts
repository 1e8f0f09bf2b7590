import type { IdentifyUndoInput, IdentifyUndoOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';

/** Many thousands of rows may have to be set back. */
const TIMEOUT_MS = 60_000;

export default defineFunction<IdentifyUndoInput, IdentifyUndoOutput>({
  timeoutMs: TIMEOUT_MS,
  run: async (input, ctx) => await (await ctx.recognition()).undo(ctx, input),
});
