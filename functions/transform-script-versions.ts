import type { TransformScriptVersionsInput, TransformScriptVersionsOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { listVersions } from '../runtime/core/script-versions.ts';
import { currentVersion } from '../runtime/core/stored-scripts.ts';

export default defineFunction<TransformScriptVersionsInput, TransformScriptVersionsOutput>({
  async run({ script_id }, ctx) {
    const current = await currentVersion(ctx, script_id);
    const versions = await listVersions(ctx, script_id);
    return {
      script_id,
      versions: versions.map(one => ({ ...one, current: one.version === current })),
      total: versions.length,
    };
  },
});
