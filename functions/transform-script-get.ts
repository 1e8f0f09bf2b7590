import type { TransformScriptGetInput, TransformScriptGetOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { readScript } from '../runtime/core/stored-scripts.ts';

export default defineFunction<TransformScriptGetInput, TransformScriptGetOutput>({
  run: async ({ script_id, version }, ctx) => ({ script_id, ...(await readScript(ctx, script_id, version)) }),
});
