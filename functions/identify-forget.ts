import type { IdentifyForgetInput, IdentifyForgetOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';

/** A visitor may have many thousands of events, and a warehouse takes its time. */
const TIMEOUT_MS = 60_000;

export default defineFunction<IdentifyForgetInput, IdentifyForgetOutput>({
  timeoutMs: TIMEOUT_MS,
  run: async (input, ctx) => await (await ctx.recognition()).forget(ctx, input),
});
