import { defineFunction } from '../runtime/core/define-function.ts';
import { invalidField } from '../runtime/core/errors.ts';
import type { KvKeyPutInput, KvKeyPutOutput } from '../runtime/core/generated/contract.ts';
import { decodeBase64 } from '../runtime/core/values.ts';

export default defineFunction<KvKeyPutInput, KvKeyPutOutput>({
  async run({ bucket, key, value, encoding, ttl, expected_revision }, ctx) {
    const { revision, expiresAt } = await ctx.kv.put(ctx, {
      bucket,
      key,
      value: toStored(value, encoding),
      ...(ttl !== undefined && { ttl }),
      ...(expected_revision !== undefined && { expectedRevision: expected_revision }),
    });
    return { bucket, key, revision, ...(expiresAt && { expires_at: expiresAt }) };
  },
});

function toStored(value: KvKeyPutInput['value'], encoding: KvKeyPutInput['encoding']): string | Uint8Array {
  if (encoding !== 'base64') return typeof value === 'string' ? value : JSON.stringify(value);
  if (typeof value !== 'string') throw invalidField('/value', 'must be base64 text when encoding is base64');
  return decodeBase64(value, '/value');
}
