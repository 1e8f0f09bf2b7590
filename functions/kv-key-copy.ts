import { invalidField } from '../contract/errors.ts';
import type { KvKeyCopyInput, KvKeyCopyOutput } from '../contract/types.gen.ts';
import { copyChange } from '../runtime/core/copy-item.ts';
import type { FunctionContext } from '../runtime/core/define-function.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { keptAbout, keyNotFound } from '../runtime/core/items.ts';
import { pointing } from '../runtime/core/pointing.ts';
import type { KvEntry } from '../runtime/core/ports/items.ts';
import { isEntry } from '../runtime/core/ports/items.ts';
import { timeLeft } from '../runtime/core/time-left.ts';

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
    const pointers = {
      '/checks/0/key': overwrite ? '/key' : '/to',
      '/checks/1/key': '/key',
      '/operations/0/key': '/to',
      '/operations/0/from': '/key',
      '/operations/0/value': '/key',
    };
    const { results } = await pointing(pointers, () => ctx.kv.transact(ctx, { bucket, checks, operations }));
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
  const left = await leftOf(ctx, found, { bucket, to_bucket });
  const { revision, expiresAt } = await pointing({ '/key': '/to', '/value': '/key', '/ttl': '/key' }, () =>
    ctx.kv.put(ctx, {
      bucket: to_bucket,
      key: to,
      value: found.value,
      ...keptAbout(found),
      ...left,
      ...(!overwrite && { expectedRevision: 0 }),
    }),
  );
  return { bucket: to_bucket, key: to, revision, atomic: false, ...(expiresAt && { expires_at: expiresAt }) };
}

/** Empty where the item has no end, which needs no look at the buckets. */
async function leftOf(
  ctx: FunctionContext,
  found: KvEntry,
  { bucket, to_bucket }: { bucket: string; to_bucket: string },
): Promise<ReturnType<typeof timeLeft>> {
  if (!found.expiresAt) return {};
  const [source, target, now] = await Promise.all([
    ctx.kv.bucketInfo(ctx, bucket, { count: false }),
    ctx.kv.bucketInfo(ctx, to_bucket, { count: false }),
    ctx.kv.now(ctx, bucket),
  ]);
  return timeLeft(found, { source, target, now });
}
