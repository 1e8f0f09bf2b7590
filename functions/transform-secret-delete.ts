import type { TransformSecretDeleteInput, TransformSecretDeleteOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { deleteSecret } from '../runtime/core/script-secrets.ts';

export default defineFunction<TransformSecretDeleteInput, TransformSecretDeleteOutput>({
  run: async ({ name, namespace = 'default', script_id: script }, ctx) => ({
    deleted: await deleteSecret(ctx, { namespace, script }, name),
  }),
});
