import type { TransformScriptNameInput, TransformScriptNameOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { nameVersion } from '../runtime/core/script-versions.ts';
import { readRelease } from '../runtime/core/stored-scripts.ts';

export default defineFunction<TransformScriptNameInput, TransformScriptNameOutput>({
  async run({ script_id, release, version_name }, ctx) {
    const { number = 0, version } = await readRelease(ctx, script_id, release);
    await nameVersion(ctx, script_id, { name: version_name, number });
    return { script_id, number, version, version_name };
  },
});
