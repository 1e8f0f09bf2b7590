import { invalidField } from '../contract/errors.ts';
import { withExactNumbers } from '../contract/exact-json.ts';
import type { KvKeyAppendInput, KvKeyAppendOutput } from '../contract/types.gen.ts';
import { appendChange } from '../runtime/core/changes.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { makeChange } from '../runtime/core/make-change.ts';

export default defineFunction<KvKeyAppendInput, KvKeyAppendOutput>({
  async run(input, ctx) {
    const { bucket, key, value, as = 'list', max, ttl, expected_revision } = withExactNumbers(input);
    if (as === 'text' && typeof value !== 'string')
      throw invalidField('/value', 'must be text when as is "text"');
    const item = {
      key,
      at: '',
      ...(expected_revision !== undefined && { expectedRevision: expected_revision }),
    };
    const by = { value, ...(max !== undefined && { max }), ...(ttl !== undefined && { ttl }) };
    const { result: length, ...stored } = await makeChange(ctx, bucket, appendChange(item, as, by));
    return { bucket, key, ...stored, length };
  },
});
