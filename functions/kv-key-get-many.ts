import type { KvKeyGetManyInput, KvKeyGetManyOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { timesOf } from '../runtime/core/items.ts';
import type { KvEntry } from '../runtime/core/ports.ts';
import { isEntry } from '../runtime/core/ports.ts';
import { parseJson, readValue } from '../runtime/core/values.ts';

export default defineFunction<KvKeyGetManyInput, KvKeyGetManyOutput>({
  async run({ bucket, keys, json = false, consistent = false }, ctx) {
    const asked = [...new Set(keys)];
    const { found, revision } = consistent
      ? await ctx.kv.getTogether(ctx, bucket, asked)
      : { found: await ctx.kv.getMany(ctx, bucket, asked) };
    const items = found.filter(isEntry).map(entry => toItem(entry, bucket, json));
    return {
      items,
      missing: asked.filter((_key, index) => !isEntry(found[index])),
      ...(revision !== undefined && { revision }),
    };
  },
});

function toItem(entry: KvEntry, bucket: string, json: boolean): KvKeyGetManyOutput['items'][number] {
  const { key, revision } = entry;
  const text = readValue(entry.value);
  const value = json ? { value: parseJson(text.value, { bucket, key }) } : text;
  return { key, ...value, revision, ...timesOf(entry) };
}
