import type { StreamConfig, StreamInfo } from '../../stream-types.ts';

/** Streams that a backup or a restore needs for as long as it runs. */
export const COPY_PREFIX = 'kvflow_copy_';
export const RESTORE_PREFIX = 'kvflow_restore_';
/** Metadata of a bucket that is being restored. */
export const RESTORING = 'kvflow.restoring';

/** The server raises nothing of its own on a stream that only lies there. */
type Kept = Pick<StreamConfig, 'storage' | 'max_msgs_per_subject' | 'compression' | 'placement'>;

/** A mirror of a bucket. It forgets what the bucket forgets, so that it holds the same once it has caught up. */
export function copyConfig({ config }: StreamInfo, name: string): StreamConfig {
  return {
    ...kept(config),
    name,
    num_replicas: 1,
    discard: 'new',
    max_age: config.max_age ?? 0,
    ...(config.allow_msg_ttl && { allow_msg_ttl: true }),
    mirror: { name: config.name },
    metadata: { 'kvflow.copy_of': config.name },
  };
}

/** The same as an ordinary stream, which follows nothing. Nobody publishes to its subject. */
export function frozenConfig({ mirror: _mirror, ...config }: StreamConfig): StreamConfig {
  return { ...config, subjects: [`kvflow.aside.${config.name}`] };
}

/** A stream that a backup is restored to before its keys get their new bucket's name. */
export function restoreConfig(config: StreamConfig, name: string): StreamConfig {
  return {
    ...kept(config),
    name,
    num_replicas: 1,
    discard: 'new',
    subjects: [`kvflow.aside.${name}`],
    ...(config.allow_msg_ttl && { allow_msg_ttl: true }),
    metadata: { 'kvflow.restore_of': config.name },
  };
}

function kept({ storage, max_msgs_per_subject, compression, placement }: StreamConfig): Kept {
  return {
    storage,
    ...(max_msgs_per_subject !== undefined && { max_msgs_per_subject }),
    ...(compression && { compression }),
    ...(placement && { placement }),
  };
}
