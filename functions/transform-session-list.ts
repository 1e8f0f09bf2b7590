import { PackError } from '../contract/errors.ts';
import { readSessionKey, sessionToken } from '../contract/session-key.ts';
import type { TransformSessionListInput, TransformSessionListOutput } from '../contract/types.gen.ts';
import type { FunctionContext } from '../runtime/core/define-function.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import type { KvEntry } from '../runtime/core/ports.ts';
import { isEntry } from '../runtime/core/ports.ts';

const PAGE = 100;
/** A longer value is told by its size. */
const MAX_BYTES = 16 * 1024;

export default defineFunction<TransformSessionListInput, TransformSessionListOutput>({
  async run({ namespace = 'default', kv_bucket, contains = '', limit = PAGE, cursor = '' }, ctx) {
    const { kv, bucket: usual } = await ctx.scripting();
    const bucket = kv_bucket ?? usual;
    const all = await keysOf(ctx, bucket, `${sessionToken(namespace)}.>`);
    const text = contains.toLowerCase();
    const keys = all.filter(key => key > cursor && readSessionKey(key).key.toLowerCase().includes(text));
    const page = keys.slice(0, limit);
    const found = page.length > 0 ? await kv.getMany(ctx, bucket, page) : [];
    const last = page.at(-1);
    return {
      bucket,
      sessions: found.filter(isEntry).map(toSession),
      total: all.length,
      ...(keys.length > page.length && last !== undefined && { cursor: last }),
    };
  },
});

/** The bucket is made when a script first keeps something. */
async function keysOf(ctx: FunctionContext, bucket: string, filter: string): Promise<string[]> {
  const { kv } = await ctx.scripting();
  try {
    return await kv.keys(ctx, bucket, filter);
  } catch (error) {
    if (error instanceof PackError && error.code === 'BUCKET_NOT_FOUND') return [];
    throw error;
  }
}

function toSession(entry: KvEntry): TransformSessionListOutput['sessions'][number] {
  const { key, shortened } = readSessionKey(entry.key);
  const size = entry.value.length;
  return {
    key,
    stored_key: entry.key,
    ...(shortened && { shortened }),
    ...(size <= MAX_BYTES && jsonOf(entry.value)),
    size,
    revision: entry.revision,
    updated_at: entry.createdAt,
    ...(entry.expiresAt && { expires_at: entry.expiresAt }),
  };
}

/** Nothing where it is no JSON: a script did not write it. */
function jsonOf(bytes: Uint8Array): { value?: unknown } {
  try {
    return { value: JSON.parse(new TextDecoder().decode(bytes)) as unknown };
  } catch {
    return {};
  }
}
