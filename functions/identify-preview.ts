import type { IdentifyPreviewInput, IdentifyPreviewOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';

/** A warehouse takes its time. */
const TIMEOUT_MS = 60_000;

export default defineFunction<IdentifyPreviewInput, IdentifyPreviewOutput>({
  timeoutMs: TIMEOUT_MS,
  run: async (input, ctx) => await (await ctx.recognition()).preview(ctx, input),
});
