import type { NatsConnection } from '@nats-io/transport-node';
import { invalidField, PackError } from '../../../../contract/errors.ts';
import type { Call } from '../../../core/call.ts';
import { untilOwnDeadline } from '../../../core/own-deadline.ts';
import type { ValueCheck } from '../../../core/value-schema.ts';
import { bucketNotFound } from '../../errors.ts';
import type { JsApi } from '../../js-api.ts';
import { createJsApi } from '../../js-api.ts';
import { noAnswer } from '../../request-errors.ts';
import type { Requests } from '../../requests.ts';
import type { StreamConfig } from '../../stream-types.ts';
import { readAtLeader } from '../read/leader-read.ts';
import { passWitness } from '../read/witness.ts';
import { createBase64Keys } from './base64-keys.ts';
import { isBucket, KEY_ENCODING } from './bucket-config.ts';
import type { KeyCodec } from './key-codec.ts';
import { plainKeys } from './key-codec.ts';
import { MARKER_TTL } from './marker-ttl.ts';
import { originPatterns } from './origin-patterns.ts';
import { prefixOf, renamedPrefix, subjectPrefix } from './origins.ts';
import { fitsPattern } from './pattern.ts';
import { steadyNow } from './server-clock.ts';
import { streamValueCheck } from './stream-value-schema.ts';
import type { StreamView } from './stream-view.ts';

/** What reads and writes need to know of a bucket: learned once and kept until it changes. */
export interface BucketHandle extends StreamView {
  /** Another where the bucket may be another: made again under its name, or begun anew by a server that was away. */
  readonly incarnation: string;
  /** When the stream was made, RFC 3339: another where the bucket was made again, the same for every process. */
  readonly created: string;
  readonly codec: KeyCodec;
  /** Checks a value before it is written; undefined where the bucket has no schema. */
  readonly checkValue: ValueCheck | undefined;
  /** The stream that takes the writes: the bucket's own, or its origin's where it is a mirror. */
  readonly origin: StreamView;
  /** Whether its origin is out of reach, so that what is said of it is guessed. */
  readonly isGuessed: boolean;
  /** Where a write of a stored key goes; throws where it cannot be routed, or a mirror's filter would keep it from the mirror. */
  writeSubject(key: string): string;
}

/** A bucket that is known, or that is being asked for. */
export type Opened = BucketHandle | Promise<BucketHandle>;

/** Finds buckets by name. */
export interface Handles {
  /** Throws BUCKET_NOT_FOUND. */
  open(call: Call, bucket: string): Opened;
  /** Forgets what is known of the bucket: something about it was not as expected. */
  drop(bucket: string): void;
}

/** What handles are made from. */
export interface HandleDependencies {
  requests: Requests;
  api: JsApi;
  connecting: Promise<NatsConnection>;
  domain?: string | undefined;
}

interface Cached {
  handle: BucketHandle;
  freshUntil: number;
}

/** Changes made elsewhere are announced at once; this is for accounts that may not hear the announcements. */
const FRESH_MS = 10_000;
/** What is asked of a bucket has failed after so long, so that who asks next begins anew. */
const LEARN_MS = 30_000;
const MAX_HANDLES = 10_000;
/** A mirror of a mirror of a mirror... */
const MAX_HOPS = 8;

/** Makes the cache of handles of one connection. */
export function createHandles(deps: HandleDependencies): Handles {
  const known = new Map<string, Cached>();
  const loading = new Map<string, Promise<BucketHandle>>();
  const codecs = new Map<string, KeyCodec>();
  let reconnects = 0;
  /** Counts what was forgotten: what was asked for before is not to be remembered after. */
  let changes = 0;
  deps.connecting.then(
    nc => listen(nc, forget),
    () => undefined,
  );
  return { open, drop };

  function open(call: Call, bucket: string): Opened {
    const cached = known.get(bucket);
    if (!cached) return untilOwnDeadline(call, load(bucket), noAnswer);
    if (cached.freshUntil < Date.now()) {
      cached.freshUntil = Date.now() + FRESH_MS;
      load(bucket).catch(() => known.delete(bucket));
    }
    return cached.handle;
  }

  function drop(bucket: string): void {
    changes += 1;
    loading.delete(bucket);
    known.delete(bucket);
  }

  function forget(stream?: string): void {
    if (stream) {
      drop(stream.slice('KV_'.length));
      // Mirrors write where it is.
      for (const [bucket, { handle }] of known) if (handle.origin.stream === stream) drop(bucket);
    } else {
      changes += 1;
      reconnects += 1;
      known.clear();
    }
  }

  /** One question at a time for each bucket: it has its own time, whoever asked first, and each caller waits until its own deadline. */
  function load(bucket: string): Promise<BucketHandle> {
    let handle = loading.get(bucket);
    if (!handle) {
      const connection = reconnects;
      const before = changes;
      handle = learn(deps, { deadline: Date.now() + LEARN_MS }, bucket)
        .then(made => ({ ...made, incarnation: `${connection} ${made.incarnation}` }))
        .then(withKnownCodec)
        .finally(() => loading.get(bucket) === handle && loading.delete(bucket));
      loading.set(bucket, handle);
      handle.then(made => changes === before && remember(bucket, made)).catch(() => undefined);
    }
    return handle;
  }

  /** What a codec has learned of where keys are is kept for calls that are on their way. */
  function withKnownCodec(made: BucketHandle): BucketHandle {
    if (!made.codec.forms) return made;
    const id = `${made.bucket} ${made.created}`;
    const codec = codecs.get(id) ?? made.codec;
    if (codecs.size >= MAX_HANDLES) codecs.clear();
    codecs.set(id, codec);
    return { ...made, codec };
  }

  function remember(bucket: string, handle: BucketHandle): void {
    const before = known.get(bucket)?.handle;
    if (before?.incarnation === handle.incarnation) passWitness(before, handle);
    if (known.size >= MAX_HANDLES) known.clear();
    known.set(bucket, { handle, freshUntil: Date.now() + FRESH_MS });
  }
}

/** Hears of streams made, changed and deleted by anyone; a reconnect may have missed some. */
function listen(nc: NatsConnection, forget: (stream?: string) => void): void {
  nc.subscribe('$JS.EVENT.ADVISORY.STREAM.*.*', {
    callback: (error, msg) => {
      if (!error) forget(msg.subject.split('.').at(-1));
    },
  });
  void (async () => {
    for await (const status of nc.status()) if (status.type === 'reconnect') forget();
  })();
}

async function learn(deps: HandleDependencies, call: Call, bucket: string): Promise<BucketHandle> {
  const asked = steadyNow();
  const info = await deps.api.streamInfo(call, `KV_${bucket}`);
  if (!isBucket(info)) throw bucketNotFound(bucket);
  // The answer was made somewhere between asking and hearing it.
  const clockOffset = info.ts ? Date.parse(info.ts) - (asked + steadyNow()) / 2 : 0;
  const { config } = info;
  const clustered = info.cluster?.name !== undefined;
  const own = { bucket, stream: config.name, api: deps.api, config, clockOffset, clustered };
  const route = await followMirror(deps, call, { ...own, readPrefix: prefixOf(config) });
  return {
    ...own,
    incarnation: info.created,
    created: info.created,
    readPrefix: (route.guessed && (await storedPrefix(call, own))) || readPrefix(config, route.origin),
    origin: route.origin,
    isGuessed: route.guessed,
    checkValue: streamValueCheck(route.origin.config),
    codec: [config, route.origin.config].some(isBase64) ? createBase64Keys() : plainKeys,
    writeSubject: key => {
      if (route.prefix === undefined) refuse(config);
      if (route.filters.length > 0) checkFilters(bucket, route, key);
      return route.prefix + key;
    },
  };
}

function isBase64(config: StreamConfig): boolean {
  return config.metadata?.[KEY_ENCODING] === 'base64';
}

/** Follows mirrors to the stream that takes the writes, over JetStream domains where they lead there. */
async function followMirror(deps: HandleDependencies, call: Call, own: StreamView) {
  let origin = own;
  let domain = deps.domain;
  let routable = own.config.sealed !== true;
  let guessed = false;
  const filters: string[] = [];
  for (let hop = 0; origin.config.mirror && hop < MAX_HOPS; hop++) {
    const { mirror } = origin.config;
    routable &&= !mirror.subject_transforms?.length;
    // A plain stream's subjects are no keys: what it is made into here is stored here alone.
    if (!mirror.name.startsWith('KV_')) break;
    if (mirror.filter_subject) filters.push(mirror.filter_subject);
    domain = mirror.external?.api.match(/^\$JS\.(.+)\.API$/)?.[1] ?? domain;
    const api = createJsApi(deps.requests, domain);
    const known = await originConfig(api, call, mirror.name);
    guessed ||= known === undefined;
    const config = known ?? guessedConfig(mirror.name);
    const bucket = config.name.slice('KV_'.length);
    origin = {
      bucket,
      stream: config.name,
      api,
      config,
      readPrefix: subjectPrefix(bucket),
      clockOffset: own.clockOffset,
      clustered: own.clustered,
    };
  }
  const prefix = domain ? `$JS.${domain}.API.${origin.readPrefix}` : origin.readPrefix;
  return { origin, prefix: routable ? prefix : undefined, guessed, filters };
}

/** The origin would store it, and the mirror never show it. */
function checkFilters(
  bucket: string,
  { origin, filters }: { origin: StreamView; filters: readonly string[] },
  key: string,
): void {
  const filter = filters.find(each => !fitsPattern(origin.readPrefix + key, each));
  if (filter === undefined) return;
  const stored = filter.slice(origin.readPrefix.length);
  const pattern = originPatterns(isBase64(origin.config) ? 'base64' : 'none').read(stored) ?? stored;
  throw invalidField(
    '/key',
    `bucket "${bucket}" is a mirror that takes only keys that fit "${pattern}"; write to bucket "${origin.bucket}"`,
  );
}

/** Undefined when the origin is out of reach, which must not stop reads of the mirror. */
async function originConfig(api: JsApi, call: Call, stream: string): Promise<StreamConfig | undefined> {
  const soon = { deadline: Math.min(call.deadline, Date.now() + 1_000) };
  try {
    return (await api.streamInfo(soon, stream)).config;
  } catch {
    return undefined;
  }
}

function guessedConfig(name: string): StreamConfig {
  const ends = { allow_msg_ttl: true, subject_delete_marker_ttl: MARKER_TTL };
  return { name, storage: 'file', num_replicas: 1, max_msgs_per_subject: 1, ...ends };
}

/** The origin may be a mirror too, whose name says nothing of the subjects; what is stored does. */
async function storedPrefix(call: Call, own: Omit<StreamView, 'readPrefix'>): Promise<string | undefined> {
  const first = await readAtLeader(call, own, { seq: 1, next_by_subj: '$KV.>' });
  return first?.subject.match(/^\$KV\.[^.]+\./)?.[0];
}

/** A mirror that renames stores what its first rename makes; any other stores its origin's subjects. */
function readPrefix(config: StreamConfig, origin: StreamView): string {
  return renamedPrefix(config) ?? origin.readPrefix;
}

function refuse(config: StreamConfig): never {
  const bucket = config.name.slice('KV_'.length);
  if (config.sealed)
    throw new PackError('IMMUTABLE', `Bucket "${bucket}" is sealed: it can be read, not written.`);
  if (!config.mirror?.name.startsWith('KV_'))
    throw new PackError(
      'UNSUPPORTED',
      `Bucket "${bucket}" is a mirror of stream "${config.mirror?.name}", so it can be read, not written.`,
    );
  throw new PackError(
    'UNSUPPORTED',
    `Bucket "${bucket}" is a mirror that renames keys, so a write cannot be routed to its origin; write to bucket "${config.mirror?.name.slice('KV_'.length)}".`,
  );
}
