import type { KvKeyGetOrPutInput, KvKeyGetOrPutOutput } from '../contract/types.gen.ts';
import { changeOf } from '../runtime/core/changes.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { askedAbout, toldAbout } from '../runtime/core/items.ts';
import { makeChange } from '../runtime/core/make-change.ts';
import type { KvAbout } from '../runtime/core/ports/items.ts';
import { readValue, toStored } from '../runtime/core/values.ts';

export default defineFunction<KvKeyGetOrPutInput, KvKeyGetOrPutOutput>({
  async run(input, ctx) {
    const { bucket, key, value, encoding, ttl } = input;
    const stored = toStored(value, encoding);
    const about = askedAbout(input);
    const change = changeOf<Got>({ key, at: '' }, found =>
      found
        ? { result: { created: false, item: found.value, expiresAt: found.expiresAt, about: found } }
        : {
            value: stored,
            ...about,
            ...(ttl !== undefined && { ttl }),
            result: { created: true, item: typeof stored === 'string' ? Buffer.from(stored) : stored, about },
          },
    );
    const { revision, expires_at, result } = await makeChange(ctx, bucket, change);
    const end = expires_at ?? result.expiresAt;
    return {
      bucket,
      key,
      created: result.created,
      ...readValue(result.item),
      ...toldAbout(result.about),
      revision,
      ...(end && { expires_at: end }),
    };
  },
});

interface Got {
  created: boolean;
  item: Uint8Array;
  expiresAt?: string | undefined;
  about: KvAbout;
}
