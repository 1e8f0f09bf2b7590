import type { TransformSecretPutInput, TransformSecretPutOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { putSecret } from '../runtime/core/script-secrets.ts';

export default defineFunction<TransformSecretPutInput, TransformSecretPutOutput>({
  async run({ name, value, namespace = 'default', script_id: script }, ctx) {
    await putSecret(ctx, { namespace, script }, { name, value });
    return { name, namespace, ...(script !== undefined && { script_id: script }) };
  },
});
