import { defineFunction } from '../runtime/core/define-function.ts';
import { PackError } from '../runtime/core/errors.ts';
import type { KvKeyGetInput, KvKeyGetOutput } from '../runtime/core/generated/contract.ts';
import type { KvMarker } from '../runtime/core/ports.ts';
import { isEntry } from '../runtime/core/ports.ts';
import { readValue } from '../runtime/core/values.ts';

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
      created_at: found.createdAt,
      ...(found.expiresAt && { expires_at: found.expiresAt }),
    };
  },
});

function keyNotFound({ bucket, key, revision }: KvKeyGetInput, marker: KvMarker | undefined): PackError {
  const what = revision === undefined ? `key "${key}"` : `revision ${revision} of key "${key}"`;
  const ended = { delete: 'was deleted', purge: 'was purged', expire: 'has expired' };
  const why = marker ? `: it ${ended[marker.operation]} at ${marker.createdAt}` : '';
  return new PackError('KEY_NOT_FOUND', `There is no ${what} in bucket "${bucket}"${why}.`, {
    details: marker ? { operation: marker.operation, deleted_at: marker.createdAt } : {},
  });
}

function parseJson(text: string, { bucket, key }: KvKeyGetInput): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new PackError(
      'INVALID_JSON_VALUE',
      `The value of key "${key}" in bucket "${bucket}" is no JSON. Ask with json: false for the raw text.`,
      { cause },
    );
  }
}
