import type { KvKeyGetManyInput, KvKeyGetManyOutput } from '../contract/types.gen.ts';
import { answerBytesOf } from '../runtime/core/call.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { detailsOf } from '../runtime/core/items.ts';
import type { KvEntry } from '../runtime/core/ports/items.ts';
import { isEntry } from '../runtime/core/ports/items.ts';
import { parseJson, readValue } from '../runtime/core/values.ts';

export default defineFunction<KvKeyGetManyInput, KvKeyGetManyOutput>({
  async run({ bucket, keys, json = false, consistent = false }, ctx) {
    const asked = [...new Set(keys)];
    const { found, revision, leftOut, unreadable } = consistent
      ? { ...(await ctx.kv.getTogether(ctx, bucket, asked)), leftOut: [] }
      : { ...(await ctx.kv.getManyWithin(ctx, bucket, asked, answerBytesOf(ctx))), revision: undefined };
    const { entries, beyond } = within(found.filter(isEntry), answerBytesOf(ctx));
    const unsaid = new Set([...leftOut, ...unreadable]);
    const left_out = [...beyond, ...leftOut];
    return {
      items: entries.map(entry => toItem(entry, bucket, json)),
      missing: asked.filter((key, index) => !isEntry(found[index]) && !unsaid.has(key)),
      ...(left_out.length > 0 && { left_out }),
      ...(unreadable.length > 0 && { unreadable }),
      ...(revision !== undefined && { revision }),
    };
  },
});

/** Items until their values have all the bytes that an answer may have; the first always. */
function within(all: KvEntry[], most: number): { entries: KvEntry[]; beyond: string[] } {
  let bytes = 0;
  const entries: KvEntry[] = [];
  const beyond: string[] = [];
  for (const entry of all) {
    if (
      (entries.length > 0 && bytes + (entry.size ?? entry.value.length) > most) ||
      entry.size !== undefined
    ) {
      beyond.push(entry.key);
      continue;
    }
    bytes += entry.value.length;
    entries.push(entry);
  }
  return { entries, beyond };
}

function toItem(entry: KvEntry, bucket: string, json: boolean): KvKeyGetManyOutput['items'][number] {
  const { key, revision } = entry;
  const text = readValue(entry.value);
  const value = json ? { value: parseJson(text.value, { bucket, key }) } : text;
  return { key, ...value, revision, ...detailsOf(entry) };
}
