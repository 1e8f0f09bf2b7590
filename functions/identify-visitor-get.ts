import type { IdentifyVisitorGetInput, IdentifyVisitorGetOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';

/** A visitor may have many thousands of events. */
const TIMEOUT_MS = 60_000;

export default defineFunction<IdentifyVisitorGetInput, IdentifyVisitorGetOutput>({
  timeoutMs: TIMEOUT_MS,
  run: async (input, ctx) => await (await ctx.recognition()).visitorGet(ctx, input),
});
