import type { KvKeyGetInput, KvKeyGetOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { detailsOf, keyNotFound } from '../runtime/core/items.ts';
import { isEntry } from '../runtime/core/ports/items.ts';
import { parseJson, readValue } from '../runtime/core/values.ts';

export default defineFunction<KvKeyGetInput, KvKeyGetOutput>({
  async run(input, ctx) {
    const { bucket, key, revision, consistency } = input;
    const stale = consistency === 'any';
    const found = await ctx.kv.get(ctx, { bucket, key, stale, ...(revision !== undefined && { revision }) });
    if (!isEntry(found)) throw keyNotFound(input, found);
    const value = readValue(found.value);
    return {
      bucket,
      key,
      ...(input.json ? { value: parseJson(value.value, input) } : value),
      revision: found.revision,
      ...detailsOf(found),
      ...(found.by && { by: found.by }),
      ...(found.scheduled && { due_at: new Date(found.scheduled.at).toISOString() }),
    };
  },
});
