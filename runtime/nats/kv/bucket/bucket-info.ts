import type { BucketInfo } from '../../../../contract/types.gen.ts';
import type { StreamInfo } from '../../stream-types.ts';
import { isoTime } from '../read/read.ts';
import { fromStreamConfig } from './bucket-config.ts';
import { damageOf } from './damage.ts';
import type { KeyCount } from './live-count.ts';

/** The contract's view of a stream and of its keys. */
export function toBucketInfo(info: StreamInfo, count: KeyCount): BucketInfo {
  const { config, state } = info;
  const damage = damageOf(info);
  return {
    bucket: config.name.slice('KV_'.length),
    ...count,
    bytes: state.bytes,
    ...fromStreamConfig(config),
    created_at: isoTime(Date.parse(info.created)),
    // A stream that was never written to has the zero time of Go.
    ...(state.last_seq > 0 &&
      !state.last_ts.startsWith('0001') && { last_modified_at: isoTime(Date.parse(state.last_ts)) }),
    last_seq: state.last_seq,
    // A server on its own names itself here too, in some answers and not in others.
    ...(info.cluster?.name && { cluster: toCluster(info.cluster) }),
    ...(damage && { damage }),
    read_only: config.sealed === true || (config.mirror?.subject_transforms?.length ?? 0) > 0,
  };
}

function toCluster({
  name,
  leader,
  replicas = [],
}: NonNullable<StreamInfo['cluster']>): BucketInfo['cluster'] {
  return {
    ...(name && { name }),
    ...(leader && { leader }),
    replicas: replicas.map(peer => ({
      name: peer.name,
      current: peer.current,
      ...(peer.offline && { offline: true }),
      lag: peer.lag ?? 0,
    })),
  };
}
