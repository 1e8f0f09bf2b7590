import type { KvKeyGetOrPutInput, KvKeyGetOrPutOutput } from '../contract/types.gen.ts';
import { changeOf } from '../runtime/core/changes.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { makeChange } from '../runtime/core/make-change.ts';
import { readValue, toStored } from '../runtime/core/values.ts';

export default defineFunction<KvKeyGetOrPutInput, KvKeyGetOrPutOutput>({
  async run({ bucket, key, value, encoding, ttl }, ctx) {
    const stored = toStored(value, encoding);
    const change = changeOf<Got>({ key, at: '' }, found =>
      found
        ? { result: { created: false, item: found.value, expiresAt: found.expiresAt } }
        : {
            value: stored,
            ...(ttl !== undefined && { ttl }),
            result: { created: true, item: typeof stored === 'string' ? Buffer.from(stored) : stored },
          },
    );
    const { revision, expires_at, result } = await makeChange(ctx, bucket, change);
    const end = expires_at ?? result.expiresAt;
    return {
      bucket,
      key,
      created: result.created,
      ...readValue(result.item),
      revision,
      ...(end && { expires_at: end }),
    };
  },
});

interface Got {
  created: boolean;
  item: Uint8Array;
  expiresAt?: string | undefined;
}
