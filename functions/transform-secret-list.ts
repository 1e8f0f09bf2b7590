import type { TransformSecretListInput, TransformSecretListOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { listSecrets } from '../runtime/core/script-secrets.ts';

export default defineFunction<TransformSecretListInput, TransformSecretListOutput>({
  async run({ namespace = 'default', script_id: script }, ctx) {
    const secrets = await listSecrets(ctx, { namespace, script });
    return { secrets, total: secrets.length };
  },
});
