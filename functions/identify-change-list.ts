import type { IdentifyChangeListInput, IdentifyChangeListOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';

/** Of many thousands some are looked for. */
const TIMEOUT_MS = 60_000;

export default defineFunction<IdentifyChangeListInput, IdentifyChangeListOutput>({
  timeoutMs: TIMEOUT_MS,
  run: async (input, ctx) => await (await ctx.recognition()).changeList(ctx, input),
});
