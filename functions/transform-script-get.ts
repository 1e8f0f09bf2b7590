import { invalidField } from '../contract/errors.ts';
import type { TransformScriptGetInput, TransformScriptGetOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { createMask } from '../runtime/core/mask.ts';
import { allSecrets } from '../runtime/core/script-secrets.ts';
import { readRelease, readScript } from '../runtime/core/stored-scripts.ts';

export default defineFunction<TransformScriptGetInput, TransformScriptGetOutput>({
  async run({ script_id, version, release }, ctx) {
    if (release !== undefined && version !== undefined)
      throw invalidField('/release', 'give version or release, not both');
    const found = await (release === undefined
      ? readScript(ctx, script_id, version)
      : readRelease(ctx, script_id, release));
    // One stored before its secret was may contain it.
    const secrets = await allSecrets(ctx);
    return { script_id, ...createMask(secrets.map(({ value }) => value)).value(found) };
  },
});
