import type { TransformScriptRollbackInput, TransformScriptRollbackOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { readRelease, storeScript } from '../runtime/core/stored-scripts.ts';

export default defineFunction<TransformScriptRollbackInput, TransformScriptRollbackOutput>({
  async run({ script_id, release }, ctx) {
    const { number: from = 0, script, description, tests } = await readRelease(ctx, script_id, release);
    const stored = await storeScript(ctx, script_id, {
      script,
      ...(description !== undefined && { description }),
      ...(tests !== undefined && { tests }),
    });
    return { script_id, ...stored, from };
  },
});
