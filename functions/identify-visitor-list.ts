import type { IdentifyVisitorListInput, IdentifyVisitorListOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';

/** Of many thousands of visitors some are looked for. */
const TIMEOUT_MS = 60_000;

export default defineFunction<IdentifyVisitorListInput, IdentifyVisitorListOutput>({
  timeoutMs: TIMEOUT_MS,
  run: async (input, ctx) => await (await ctx.recognition()).visitorList(ctx, input),
});
