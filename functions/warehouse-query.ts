import type { WarehouseQueryInput, WarehouseQueryOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';

const TIMEOUT_MS = 30_000;
const ROWS = 100;

export default defineFunction<WarehouseQueryInput, WarehouseQueryOutput>({
  timeoutMs: TIMEOUT_MS,
  run: async ({ destination, sql, rows = ROWS }, ctx) =>
    await (await ctx.recognition()).query(ctx, destination, { sql, rows }),
});
