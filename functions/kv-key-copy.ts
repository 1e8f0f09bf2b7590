import { invalidField } from '../contract/errors.ts';
import type { KvKeyCopyInput, KvKeyCopyOutput } from '../contract/types.gen.ts';
import { copyChange } from '../runtime/core/copy-item.ts';
import type { FunctionContext } from '../runtime/core/define-function.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { aboutOf, keyNotFound } from '../runtime/core/items.ts';
import { isEntry } from '../runtime/core/ports.ts';

export default defineFunction<KvKeyCopyInput, KvKeyCopyOutput>({
  async run(input, ctx) {
    const { bucket, key, to, to_bucket = bucket } = input;
    if (to_bucket !== bucket) return await copyAcross({ ...input, to_bucket }, ctx);
    if (to === key) throw invalidField('/to', 'must be another key');
    const { overwrite = false, expected_revision } = input;
    const checks = [
      ...(overwrite ? [] : [{ key: to, revision: 0 }]),
      ...(expected_revision === undefined ? [] : [{ key, revision: expected_revision }]),
    ];
    const operations = [copyChange({ bucket, from: key, to })];
    const { results } = await ctx.kv.transact(ctx, { bucket, checks, operations });
    const { revision = 0, expiresAt } = results[0] ?? {};
    return { bucket, key: to, revision, atomic: true, ...(expiresAt && { expires_at: expiresAt }) };
  },
});

/** Two buckets have no commit in common: the item is read, and put where it goes. */
async function copyAcross(
  { bucket, key, to, to_bucket, overwrite, expected_revision }: KvKeyCopyInput & { to_bucket: string },
  ctx: FunctionContext,
): Promise<KvKeyCopyOutput> {
  const found = await ctx.kv.get(ctx, { bucket, key });
  if (expected_revision !== undefined) {
    await ctx.kv.transact(ctx, { bucket, checks: [{ key, revision: expected_revision }], operations: [] });
  }
  if (!isEntry(found)) throw keyNotFound({ bucket, key }, found);
  const target = await ctx.kv.bucketInfo(ctx, to_bucket);
  const ttl = found.expiresAt && target.key_ttl ? endIn(found.expiresAt) : undefined;
  const { revision, expiresAt } = await ctx.kv.put(ctx, {
    bucket: to_bucket,
    key: to,
    value: found.value,
    ...aboutOf(found),
    ...(ttl !== undefined && { ttl }),
    ...(!overwrite && { expectedRevision: 0 }),
  });
  return { bucket: to_bucket, key: to, revision, atomic: false, ...(expiresAt && { expires_at: expiresAt }) };
}

/** Nanoseconds. */
function endIn(expiresAt: string): number {
  return Math.max(1, (Date.parse(expiresAt) - Date.now()) * 1e6);
}
