import type { KvKeyPutInput, KvKeyPutOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { putItem } from '../runtime/core/put-item.ts';

export default defineFunction<KvKeyPutInput, KvKeyPutOutput>({
  run: (input, ctx) => putItem(ctx, input.bucket, input),
});
