import type { BucketInfo } from '../../../../contract/types.gen.ts';
import type { JsonSchema } from '../../lib/json-schema.ts';
import { fitsSchema } from '../../lib/validate-schema.ts';

type Options = Record<string, unknown>;

/** What takes an option away, where leaving it out would leave it as it is. */
const NONE: Options = {
  description: '',
  ttl: 0,
  max_bytes: -1,
  max_value_size: -1,
  metadata: {},
  sources: [],
  compression: false,
};

/** The options of a bucket that its form begins with: those that the function takes as they are. */
export function editable(info: BucketInfo, properties: Record<string, JsonSchema>): Options {
  const entries = Object.entries(info as unknown as Options).filter(
    ([name, value]) =>
      name !== 'bucket' && properties[name] && value !== '' && fitsSchema(properties[name], value),
  );
  return Object.fromEntries(entries);
}

/** What is different from before, as kv-bucket-update takes it: what was emptied is taken away. */
export function changesOf(before: Options, after: Options): Options {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changes: Options = {};
  for (const name of names) {
    if (JSON.stringify(before[name]) === JSON.stringify(after[name])) continue;
    changes[name] = name in after ? after[name] : name in NONE ? NONE[name] : null;
  }
  return changes;
}

/** Options that cannot change, with the reason. */
export function lockedOptions(info: BucketInfo): Record<string, string> {
  const reason = 'Cannot be changed after the bucket was made.';
  return {
    storage: reason,
    key_encoding: reason,
    ...(info.key_ttl && { key_ttl: 'Is on, and cannot be turned off again.' }),
  };
}
