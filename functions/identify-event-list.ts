import type { IdentifyEventListInput, IdentifyEventListOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';

/** Of many thousands some are looked for. */
const TIMEOUT_MS = 60_000;

export default defineFunction<IdentifyEventListInput, IdentifyEventListOutput>({
  timeoutMs: TIMEOUT_MS,
  run: async (input, ctx) => await (await ctx.recognition()).eventList(ctx, input),
});
