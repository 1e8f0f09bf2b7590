import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { NatsConnection } from '@nats-io/transport-node';
import { PackError } from '../../../../contract/errors.ts';
import type { BucketInfo } from '../../../../contract/types.gen.ts';
import type { Call } from '../../../core/call.ts';
import type { BucketChanges, BucketList, BucketOptions } from '../../../core/ports/buckets.ts';
import { bucketNotFound } from '../../errors.ts';
import type { JsApi } from '../../js-api.ts';
import { createJsApi } from '../../js-api.ts';
import type { Requests } from '../../requests.ts';
import type { StreamConfig, StreamInfo } from '../../stream-types.ts';
import { notAside } from './aside.ts';
import { checkOrigins, fromStreamConfig, isBucket, KEY_ENCODING, toStreamConfig } from './bucket-config.ts';
import { toBucketInfo } from './bucket-info.ts';
import { createStream } from './create-stream.ts';
import { withEndsNote } from './ends-options.ts';
import type { Handles } from './handles.ts';
import type { LiveCount } from './live-count.ts';
import { approximateCount } from './live-count.ts';
import { refuseMisdirected } from './misdirected.ts';
import { refuseNamedStreams } from './named-streams.ts';
import { withSubjects } from './origin-subjects.ts';
import { prefixOf } from './origins.ts';
import { changedConfig, promotionRefused } from './update-bucket.ts';

/** Makes and lists buckets. */
export interface Buckets {
  requireTransactions(call: Call, what: string): Promise<void>;
  create(call: Call, bucket: string, options: BucketOptions): Promise<{ created: boolean; info: BucketInfo }>;
  list(call: Call): Promise<BucketList>;
  info(call: Call, bucket: string, options?: { count: boolean }): Promise<BucketInfo>;
  update(call: Call, bucket: string, changes: BucketChanges): Promise<BucketInfo>;
  remove(call: Call, bucket: string): Promise<void>;
}

/** What buckets work with. */
export interface BucketDependencies {
  requests: Requests;
  api: JsApi;
  handles: Handles;
  liveCount: LiveCount;
  connection(): NatsConnection | undefined;
}

/** Metadata that a bucket has while it is being created. */
const CREATION = 'kvflow.creation';
/** Left of the deadline to list buckets that could not be counted in time. */
const COUNT_LEEWAY_MS = 250;
const APPEARS_MS = 3_000;
/** The nats-server 2.x that an option needs. */
const MIN_MINOR = { key_ttl: 11, marker_ttl: 11, transactions: 12 };
const BATCHES_MINOR = 14;
const APPEARS_POLL_MS = 50;
const APPEARS_ANSWER_MS = 500;

/** Makes the bucket operations of one connection. */
export function createBuckets({
  requests,
  api,
  handles,
  liveCount,
  connection,
}: BucketDependencies): Buckets {
  return { requireTransactions, create, list, info, update, remove };

  async function requireTransactions(call: Call, what: string): Promise<void> {
    await requests.ready(call);
    if (isServer(MIN_MINOR.transactions)) return;
    throw tooOld(
      what,
      MIN_MINOR.transactions,
      ' Update it; functions of buckets and keys go on with this one.',
    );
  }

  async function create(call: Call, bucket: string, options: BucketOptions) {
    await requests.ready(call);
    checkVersion(options);
    checkOrigins(options);
    await refuseNamedStreams(call, api, { ...options, bucket });
    const encoded = await withOriginEncoding(call, options);
    const { key_encoding } = encoded;
    const config = withBatches(
      toStreamConfig(bucket, await withSubjects(call, encoded, { bucket, key_encoding, handles })),
    );
    try {
      const info = await createStream(call, api, signed(config), `bucket "${bucket}"`);
      await unsign(call, config);
      return { created: true, info: toBucketInfo(info, { values: 0, markers: 0 }) };
    } catch (error) {
      if (!(error instanceof PackError) || error.code !== 'BUCKET_EXISTS') throw explain(error, config);
      const info = await existing(call, { config, options }, error);
      return { created: false, info: toBucketInfo(info, await liveCount(call, info)) };
    }
  }

  /** Other programs that create the bucket with these options shall find it just so. If it fails, no harm is done. */
  async function unsign(call: Call, config: StreamConfig): Promise<void> {
    const about = `bucket "${config.name.slice('KV_'.length)}"`;
    await api.ask(call, `STREAM.UPDATE.${config.name}`, config, about).catch(() => undefined);
  }

  async function list(call: Call): Promise<BucketList> {
    const { streams, unavailable } = await api.listStreams(call);
    const infos = await Promise.all(streams.filter(isBucket).map(info => counted(call, info)));
    // Their configuration is as far away as they are, so their names have to do.
    const names = unavailable.filter(name => name.startsWith('KV_')).map(name => name.slice('KV_'.length));
    return {
      buckets: infos.filter(info => info !== undefined).sort((a, b) => (a.bucket < b.bucket ? -1 : 1)),
      unavailable: names.sort(),
    };
  }

  /** One bucket that is just being deleted, or whose server is away, must not spoil the list of all. */
  async function counted(call: Call, info: StreamInfo): Promise<BucketInfo | undefined> {
    try {
      const soon = { deadline: call.deadline - COUNT_LEEWAY_MS };
      return toBucketInfo(info, await liveCount(soon, info));
    } catch (error) {
      if (error instanceof PackError && error.code === 'BUCKET_NOT_FOUND') return undefined;
      return toBucketInfo(info, approximateCount(info));
    }
  }

  async function info(call: Call, bucket: string, { count } = { count: true }): Promise<BucketInfo> {
    const found = await existingBucket(call, bucket);
    return toBucketInfo(found, count ? await liveCount(call, found) : approximateCount(found));
  }

  async function update(call: Call, bucket: string, changes: BucketChanges): Promise<BucketInfo> {
    await requests.ready(call);
    checkVersion(changes);
    const info = await notAside(call, api, () => existingBucket(call, bucket));
    const { config } = info;
    const { sources } = changes;
    checkOrigins({ sources });
    await refuseNamedStreams(call, api, { bucket, sources: sources ?? [] });
    const { key_encoding } = fromStreamConfig(config);
    const readPrefix =
      changes.mirror === null ? (await handles.open(call, bucket)).readPrefix : prefixOf(config);
    const inFull = sources && (await withSubjects(call, { sources }, { bucket, key_encoding, handles }));
    const next = changedConfig(config, { ...changes, ...inFull }, readPrefix);
    const changed = withEndsNote(info, changes.transactions === undefined ? next : withBatches(next));
    handles.drop(bucket);
    try {
      const updated = await api.ask<StreamInfo>(
        call,
        `STREAM.UPDATE.${config.name}`,
        changed,
        `bucket "${bucket}"`,
      );
      handles.drop(bucket);
      return toBucketInfo(updated, await liveCount(call, updated));
    } catch (error) {
      throw explain(promotionRefused(error, changes, readPrefix), changed);
    }
  }

  async function remove(call: Call, bucket: string): Promise<void> {
    const { config } = await existingBucket(call, bucket);
    await api.ask(call, `STREAM.DELETE.${config.name}`, undefined, `bucket "${bucket}"`);
    handles.drop(bucket);
  }

  /** A stream that only is named like a bucket is none, and is not touched. */
  async function existingBucket(call: Call, bucket: string): Promise<StreamInfo> {
    const found = await api.streamInfo(call, `KV_${bucket}`);
    if (!isBucket(found)) throw bucketNotFound(bucket);
    return found;
  }

  /** The bucket that is there, when it is what was asked for although the server sees a difference. */
  async function existing(
    call: Call,
    { config, options }: { config: StreamConfig; options: BucketOptions },
    cause: PackError,
  ): Promise<StreamInfo> {
    const info = await foundSoon(call, config.name);
    if (!info) throw cause;
    const found = fromStreamConfig(info.config);
    const { transactions = found.transactions } = options;
    const asked = fromStreamConfig(config);
    // A bucket made before there were these options is the same to one who does not ask for them.
    const marker_ttl = options.marker_ttl === undefined ? found.marker_ttl : asked.marker_ttl;
    const differing = differences(found, { ...asked, transactions, marker_ttl });
    if (Object.keys(differing).length > 0) throw existsOtherwise(config, differing);
    refuseMisdirected(info.config, config);
    return info;
  }

  /** A cluster refuses a name as soon as somebody has asked for it, a moment before the stream is there. */
  async function foundSoon(call: Call, stream: string): Promise<StreamInfo | undefined> {
    const until = Math.min(call.deadline, Date.now() + APPEARS_MS);
    for (;;) {
      // A stream without a leader yet does not answer at all.
      const soon = { deadline: Math.min(until, Date.now() + APPEARS_ANSWER_MS) };
      const info = await api.streamInfo(soon, stream).catch(() => undefined);
      if (info || Date.now() + APPEARS_POLL_MS >= until) return info;
      await new Promise(resolve => setTimeout(resolve, APPEARS_POLL_MS));
    }
  }

  /** A mirror stores its origin's keys as they are, so it must read them with the same codec. */
  async function withOriginEncoding(call: Call, options: BucketOptions): Promise<BucketOptions> {
    if (!options.mirror || options.key_encoding) return options;
    const { name, domain } = options.mirror;
    const stream = name.startsWith('KV_') ? name : `KV_${name}`;
    const origin = await (domain ? createJsApi(requests, domain) : api)
      .streamInfo(call, stream)
      .catch(() => undefined);
    return origin?.config.metadata?.[KEY_ENCODING] === 'base64'
      ? { ...options, key_encoding: 'base64' }
      : options;
  }

  function checkVersion(options: BucketOptions | BucketChanges): void {
    for (const [option, least] of Object.entries(MIN_MINOR)) {
      if (!options[option as keyof typeof MIN_MINOR]) continue;
      if (!isServer(least)) throw tooOld(option, least);
    }
  }

  function tooOld(what: string, least: number, more = ''): PackError {
    const version = serverVersion();
    return new PackError(
      'UNSUPPORTED',
      `${what} needs nats-server 2.${least} or newer; this one is ${version}.${more}`,
      { details: { server_version: version, needs: `2.${least}.0` } },
    );
  }

  /** What is in memory is imported by fast batches where the server has them; others have no use for them, and one before refuses the option. */
  function withBatches(config: StreamConfig): StreamConfig {
    const { allow_batched: _before, ...rest } = config;
    const mayBatch = config.storage === 'memory' && config.allow_atomic === true && isServer(BATCHES_MINOR);
    return mayBatch ? { ...rest, allow_batched: true } : rest;
  }

  function isServer(least: number): boolean {
    const [major = 0, minor = 0] = serverVersion().split('.').map(Number);
    return major > 2 || (major === 2 && minor >= least);
  }

  function serverVersion(): string {
    return connection()?.info?.version ?? '';
  }
}

/**
 * The server takes a stream that is there already, with the very same configuration, for one it just created, whatever
 * its `did_create` says. A configuration like no other makes sure that exactly one of many callers creates.
 */
function signed(config: StreamConfig): StreamConfig {
  return { ...config, metadata: { ...config.metadata, [CREATION]: randomUUID() } };
}

type Options = ReturnType<typeof fromStreamConfig>;

function differences(
  existing: Options,
  requested: Options,
): Record<string, { existing: unknown; requested: unknown }> {
  const names = new Set([...Object.keys(existing), ...Object.keys(requested)] as (keyof Options)[]);
  const differing = [...names].filter(name => !isDeepStrictEqual(existing[name], requested[name]));
  return Object.fromEntries(
    differing.map(name => [name, { existing: existing[name] ?? null, requested: requested[name] ?? null }]),
  );
}

function existsOtherwise(config: StreamConfig, differing: Record<string, unknown>): PackError {
  const bucket = config.name.slice('KV_'.length);
  return new PackError(
    'BUCKET_EXISTS',
    `Bucket "${bucket}" exists with other options: ${Object.keys(differing).join(', ')}. Ask with its own options, or take another name.`,
    { details: { differing } },
  );
}

/** The server's text for a refused configuration is good; it only does not speak of our options. */
function explain(error: unknown, config: StreamConfig): unknown {
  if (!(error instanceof PackError) || error.code !== 'INVALID_INPUT') return error;
  const pointer = pointerOf(error.message, config);
  return new PackError('INVALID_INPUT', error.message, {
    errors: [{ pointer, message: error.message }],
    cause: error.cause,
  });
}

function pointerOf(message: string, { placement, num_replicas }: StreamConfig): string {
  if (placement && /peers|placement|tags|cluster/.test(message)) return '/placement';
  return num_replicas > 1 && /replicas|peers/.test(message) ? '/num_replicas' : '';
}
