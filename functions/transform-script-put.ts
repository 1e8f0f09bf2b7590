import { PackError } from '../contract/errors.ts';
import type { TransformScriptPutInput, TransformScriptPutOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { storeScript } from '../runtime/core/stored-scripts.ts';

export default defineFunction<TransformScriptPutInput, TransformScriptPutOutput>({
  async run({ script_id, script, description, allow_no_return }, ctx) {
    const { runner } = await ctx.scripting();
    const fault = await runner.check(script);
    if (fault && !(fault.neverReturns && allow_no_return)) {
      throw new PackError('SCRIPT_ERROR', `Line ${fault.line}, column ${fault.column}: ${fault.message}`, {
        details: { ...fault },
      });
    }
    const stored = await storeScript(ctx, script_id, {
      script,
      ...(description !== undefined && { description }),
    });
    return { script_id, ...stored };
  },
});
