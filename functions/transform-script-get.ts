import { invalidField } from '../contract/errors.ts';
import type { TransformScriptGetInput, TransformScriptGetOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { readRelease, readScript } from '../runtime/core/stored-scripts.ts';

export default defineFunction<TransformScriptGetInput, TransformScriptGetOutput>({
  async run({ script_id, version, release }, ctx) {
    if (release === undefined) return { script_id, ...(await readScript(ctx, script_id, version)) };
    if (version !== undefined) throw invalidField('/release', 'give version or release, not both');
    return { script_id, ...(await readRelease(ctx, script_id, release)) };
  },
});
