import { defineFunction } from '../runtime/core/define-function.ts';
import type { KvKeyPutInput, KvKeyPutOutput } from '../runtime/core/generated/contract.ts';
import { putItem } from '../runtime/core/put-item.ts';

export default defineFunction<KvKeyPutInput, KvKeyPutOutput>({
  run: (input, ctx) => putItem(ctx, input.bucket, input),
});
