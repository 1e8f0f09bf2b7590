import type { TransformScriptListInput, TransformScriptListOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { listScripts } from '../runtime/core/stored-scripts.ts';

export default defineFunction<TransformScriptListInput, TransformScriptListOutput>({
  async run(_input, ctx) {
    const { scripts, unreadable } = await listScripts(ctx);
    return { scripts, total: scripts.length, ...(unreadable.length > 0 && { unreadable }) };
  },
});
