import type { BucketInfo, BucketOptions } from '../../contract/types.gen.ts';

const MAX_HISTORY = 64;
/** Of a bucket with a ttl per key that was not told otherwise; nanoseconds. */
const MARKER_TTL = 1_000_000_000;

/** The options that make such a bucket again. Those of other clients' making are brought to what we take. */
export function optionsOf(info: BucketInfo): BucketOptions {
  const { placement, mirror, republish, sources, value_schema } = info;
  return {
    description: info.description,
    ttl: info.ttl,
    history: info.history < 1 ? MAX_HISTORY : Math.min(info.history, MAX_HISTORY),
    max_bytes: info.max_bytes,
    max_value_size: info.max_value_size,
    storage: info.storage,
    num_replicas: Math.min(info.num_replicas, 5) as BucketOptions['num_replicas'],
    compression: info.compression,
    metadata: info.metadata,
    ...(placement && { placement }),
    ...(mirror && { mirror }),
    ...(republish && { republish }),
    ...(sources && { sources }),
    key_ttl: info.key_ttl,
    // What a bucket has unasked is left out: builds before the option take what they know.
    ...(info.marker_ttl && info.marker_ttl !== MARKER_TTL && !mirror && { marker_ttl: info.marker_ttl }),
    key_encoding: info.key_encoding,
    ...(value_schema && { value_schema }),
  };
}
