import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { PackError } from '../../../../contract/errors.ts';
import type { Call } from '../../../core/call.ts';
import type { BackupHeader, KvBackup, KvRestore } from '../../../core/ports/backups.ts';
import type { KvStore } from '../../../core/ports/kv-store.ts';
import { bucketNotFound } from '../../errors.ts';
import type { StreamConfig, StreamInfo } from '../../stream-types.ts';
import { withoutMark } from '../bucket/aside.ts';
import { isBucket } from '../bucket/bucket-config.ts';
import { createStream } from '../bucket/create-stream.ts';
import type { Handles } from '../bucket/handles.ts';
import { PROMOTED_FROM, subjectPrefix } from '../bucket/origins.ts';
import { isoTime } from '../read/read.ts';
import { makeExactCopy } from './copy.ts';
import { RESTORE_PREFIX, RESTORING, restoreConfig } from './helper-streams.ts';
import type { Archives } from './snapshot.ts';
import { readSnapshot, restoreSnapshot } from './snapshot.ts';

const POLL_MS = 10;
const CLEAN_UP_MS = 5_000;

/** Makes the backups, copies and restores of one connection. */
export function createBackups(
  archives: Archives,
  handles: Handles,
): Pick<KvStore, 'backup' | 'copyBucket' | 'restore'> {
  const { api } = archives;
  return { backup, copyBucket, restore };

  async function backup(call: Call, bucket: string): Promise<KvBackup> {
    const { copy, header } = await exactCopy(call, bucket);
    try {
      const { state, parts } = await readSnapshot(call, archives, copy.stream);
      return {
        header: { ...header, state },
        parts,
        [Symbol.asyncDispose]: () => copy[Symbol.asyncDispose](),
      };
    } catch (error) {
      await copy[Symbol.asyncDispose]();
      throw error;
    }
  }

  async function copyBucket(call: Call, { bucket, to }: { bucket: string; to: string }) {
    await refuseExisting(call, to);
    const { copy, header } = await exactCopy(call, bucket);
    await using _copy = copy;
    await renamed(call, bucketConfig(header, to, undefined), { from: copy.stream, prefix: header.prefix });
    handles.drop(to);
    return header;
  }

  async function restore(call: Call, { bucket, header, parts, replicas }: KvRestore): Promise<void> {
    await refuseExisting(call, bucket);
    const config = bucketConfig(header, bucket, replicas);
    const { state, prefix } = header;
    if (prefix === subjectPrefix(bucket)) await restoreSnapshot(call, archives, { config, state, parts });
    else await restoreRenamed(call, config, { header, parts });
    handles.drop(bucket);
  }

  async function exactCopy(call: Call, bucket: string) {
    const info = await api.streamInfo(call, `KV_${bucket}`);
    if (!isBucket(info)) throw bucketNotFound(bucket);
    const { readPrefix: prefix } = await handles.open(call, bucket);
    const copy = await makeExactCopy(call, { api, bucket, info });
    const { config, state, ts } = copy.of;
    const header: BackupHeader = {
      bucket,
      at: ts ? isoTime(Date.parse(ts)) : new Date().toISOString(),
      revision: state.last_seq,
      messages: state.messages,
      paused_ms: copy.pausedMs,
      prefix,
      config: ownConfig(config),
      state,
    };
    return { copy, header };
  }

  async function refuseExisting(call: Call, bucket: string): Promise<void> {
    const found = await api.streamInfo(call, `KV_${bucket}`).catch(error => {
      if (error instanceof PackError && error.code === 'BUCKET_NOT_FOUND') return undefined;
      throw error;
    });
    if (!found) return;
    throw new PackError(
      'BUCKET_EXISTS',
      `Bucket "${bucket}" exists. Take another name, or delete it first (kv-bucket-delete).`,
    );
  }

  async function restoreRenamed(
    call: Call,
    config: StreamConfig,
    { header, parts }: Pick<KvRestore, 'header' | 'parts'>,
  ): Promise<void> {
    const stream = RESTORE_PREFIX + randomBytes(6).toString('hex');
    try {
      const plain = restoreConfig(config, stream);
      await restoreSnapshot(call, archives, { config: plain, state: header.state, parts });
      await renamed(call, config, { from: stream, prefix: header.prefix });
    } finally {
      await drop(stream);
    }
  }

  /** Keys stand under their bucket's name: a mirror gives them the new one, keeps their revisions, and is then the bucket. */
  async function renamed(
    call: Call,
    config: StreamConfig,
    { from, prefix }: { from: string; prefix: string },
  ): Promise<void> {
    const about = `bucket "${config.name.slice('KV_'.length)}"`;
    await createStream(call, api, mirrorConfig(config, from, prefix), about);
    try {
      await follow(call, from, config.name);
      await api.ask(call, `STREAM.UPDATE.${config.name}`, config, about);
    } catch (error) {
      await drop(config.name);
      throw error;
    }
  }

  async function drop(stream: string): Promise<void> {
    const soon = { deadline: Date.now() + CLEAN_UP_MS };
    await api.ask(soon, `STREAM.DELETE.${stream}`, undefined, stream).catch(() => undefined);
  }

  async function follow(call: Call, from: string, to: string): Promise<void> {
    for (;;) {
      const [origin, copy] = await Promise.all([api.streamInfo(call, from), api.streamInfo(call, to)]);
      if (hasAll(copy, origin)) return;
      if (Date.now() >= call.deadline)
        throw new PackError(
          'TIMEOUT',
          'The bucket was not there in time and was given up; nothing is left of it.',
        );
      await sleep(POLL_MS);
    }
  }
}

function hasAll({ state: copy }: StreamInfo, { state: origin }: StreamInfo): boolean {
  if (copy.messages !== origin.messages) return false;
  return origin.messages === 0 || copy.last_seq === origin.last_seq;
}

/** What the server wrote into a configuration is its own, and a bucket that is backed up stands aside for itself alone. */
function ownConfig(config: StreamConfig): StreamConfig {
  const { metadata = {}, ...rest } = withoutMark(config);
  const own = Object.entries(metadata).filter(([name]) => !name.startsWith('_nats'));
  return { ...rest, metadata: Object.fromEntries(own) } as StreamConfig;
}

/** A restored bucket stands on its own: it follows and gathers nothing, and under another name it republishes nothing. */
function bucketConfig(header: BackupHeader, bucket: string, replicas: number | undefined): StreamConfig {
  const { mirror: _m, sources: _s, republish, ...config } = header.config as unknown as StreamConfig;
  const { [PROMOTED_FROM]: _p, ...metadata } = config.metadata ?? {};
  return {
    ...config,
    name: `KV_${bucket}`,
    subjects: [`${subjectPrefix(bucket)}>`],
    mirror_direct: false,
    metadata,
    ...(republish && bucket === header.bucket && { republish }),
    ...(replicas !== undefined && { num_replicas: replicas }),
  };
}

/** A mirror takes no options of those who are written to. */
function mirrorConfig(config: StreamConfig, from: string, prefix: string): StreamConfig {
  const {
    subjects = [],
    allow_atomic: _a,
    allow_batched: _b,
    subject_delete_marker_ttl: _d,
    republish: _r,
    allow_msg_schedules: _s,
    allow_msg_counter: _c,
    ...rest
  } = config;
  return {
    ...rest,
    max_age: 0,
    duplicate_window: 0,
    mirror: { name: from, subject_transforms: [{ src: `${prefix}>`, dest: subjects[0] ?? '' }] },
    metadata: { ...config.metadata, [RESTORING]: from },
  };
}
