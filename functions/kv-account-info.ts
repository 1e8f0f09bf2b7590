import type { KvAccountInfoInput, KvAccountInfoOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';

export default defineFunction<KvAccountInfoInput, KvAccountInfoOutput>({
  run: (_input, ctx) => ctx.kv.accountInfo(ctx),
});
