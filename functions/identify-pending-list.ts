import type { IdentifyPendingListInput, IdentifyPendingListOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';

/** While a warehouse is away there may be many. */
const TIMEOUT_MS = 60_000;

export default defineFunction<IdentifyPendingListInput, IdentifyPendingListOutput>({
  timeoutMs: TIMEOUT_MS,
  run: async (input, ctx) => await (await ctx.recognition()).pendingList(ctx, input),
});
