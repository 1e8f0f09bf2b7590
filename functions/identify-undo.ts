import type { IdentifyUndoInput, IdentifyUndoOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';

/** Many thousands of rows may have to be set back. */
const TIMEOUT_MS = 60_000;
const DEFAULT_BUCKET = 'anonymous_events';

export default defineFunction<IdentifyUndoInput, IdentifyUndoOutput>({
  timeoutMs: TIMEOUT_MS,
  buckets: ({ bucket = DEFAULT_BUCKET }) => [bucket],
  run: async (input, ctx) => await (await ctx.recognition()).undo(ctx, input),
});
