import { withExactNumbers } from '../contract/exact-json.ts';
import type { KvKeyPatchInput, KvKeyPatchOutput } from '../contract/types.gen.ts';
import { patchChange } from '../runtime/core/changes.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import type { PatchOperation } from '../runtime/core/json/json-patch.ts';
import { makeChange } from '../runtime/core/make-change.ts';

export default defineFunction<KvKeyPatchInput, KvKeyPatchOutput>({
  async run(input, ctx) {
    const { bucket, key, merge, patch, initial, expected_revision } = withExactNumbers(input);
    const change = patchChange(
      { key, at: '', ...(expected_revision !== undefined && { expectedRevision: expected_revision }) },
      {
        ...(merge !== undefined && { merge }),
        ...(patch !== undefined && { patch: patch as PatchOperation[] }),
        ...(initial !== undefined && { initial }),
      },
    );
    const { result, ...stored } = await makeChange(ctx, bucket, change, {
      '/operations/0/value': merge === undefined ? '/patch' : '/merge',
    });
    return { bucket, key, ...stored, value: result as KvKeyPatchOutput['value'] };
  },
});
