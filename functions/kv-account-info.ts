import { defineFunction } from '../runtime/core/define-function.ts';
import type { KvAccountInfoInput, KvAccountInfoOutput } from '../runtime/core/generated/contract.ts';

export default defineFunction<KvAccountInfoInput, KvAccountInfoOutput>({
  run: (_input, ctx) => ctx.kv.accountInfo(ctx),
});
