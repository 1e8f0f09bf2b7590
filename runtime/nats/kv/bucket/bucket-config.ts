import { invalidField } from '../../../../contract/errors.ts';
import type { Origin } from '../../../../contract/types.gen.ts';
import { isPlainStream } from '../../../core/origin-names.ts';
import type { BucketOptions } from '../../../core/ports/buckets.ts';
import type { StreamConfig } from '../../stream-types.ts';
import { markOf } from './aside.ts';
import { markerOptions } from './marker-ttl.ts';
import { prefixOf, subjectPrefix, toOrigin, toSource } from './origins.ts';
import { valueSchemaOf, withValueSchema } from './stream-value-schema.ts';
import { valueLimit, withValueLimit } from './value-size.ts';

/** Tokens between dots, `*` a whole one, `>` only at the end. */
const PATTERN = /^(?:>|(?:\*|[^\s.*>]+)(?:\.(?:\*|[^\s.*>]+))*(?:\.>)?)$/;

/** Where the codec of a bucket's keys is kept. Our own entries of a stream's metadata begin alike. */
export const KEY_ENCODING = 'kvflow.key_encoding';

const MS = 1_000_000;
/** The year 9999; and 1973 in nanoseconds, before which are milliseconds and microseconds of our time. */
const LAST_SECOND = 253_402_300_799;
const FIRST_NANOSECOND = 1e17;
export const DUPLICATE_WINDOW = 120_000 * MS;

/** The stream that makes a bucket, as every NATS client makes it (ADR-8), with our options; its origins are {@link withSubjects} already. */
export function toStreamConfig(bucket: string, options: BucketOptions): StreamConfig {
  const ttl = checkedTtl(options.ttl ?? 0);
  checkTexts(options);
  const config: StreamConfig = {
    name: `KV_${bucket}`,
    description: options.description ?? '',
    max_msgs_per_subject: options.history ?? 1,
    max_bytes: unlimited(options.max_bytes),
    max_age: ttl,
    storage: options.storage ?? 'file',
    num_replicas: options.num_replicas ?? 1,
    discard: 'new',
    // The server refuses a window that is longer than the messages live.
    duplicate_window: ttl > 0 ? Math.min(ttl, DUPLICATE_WINDOW) : DUPLICATE_WINDOW,
    deny_delete: true,
    allow_rollup_hdrs: true,
    allow_direct: true,
    // As other clients make mirrors; in its own domain the server does so whatever it is asked for (nats-server 2.15).
    mirror_direct: options.mirror !== undefined,
    compression: options.compression ? 's2' : 'none',
    metadata: metadataOf(options),
    ...markerOptions(options),
    ...(!options.mirror && options.transactions !== false && { allow_atomic: true }),
    ...(options.placement && { placement: options.placement }),
    ...(options.republish && { republish: toRepublish(options.republish) }),
    ...(options.mirror ? { mirror: toSource(options.mirror) } : { subjects: [`${subjectPrefix(bucket)}>`] }),
    ...(options.sources?.length && {
      sources: options.sources.map(toSource),
    }),
  };
  if (options.mirror && options.value_schema)
    throw invalidField('/value_schema', 'a mirror stores what its origin takes; give the origin the schema');
  return withValueSchema(withValueLimit(config, options.max_value_size), options.value_schema);
}

/** Nanoseconds, 0 for none. Other clients say none as -1 or null. */
export function checkedTtl(ttl: number | null): number {
  if (ttl === null || ttl === -1) return 0;
  if (ttl === 0 || ttl >= 100 * MS) return ttl;
  throw invalidField('/ttl', `must be 0 or at least ${100 * MS} (100 ms); ttl is an integer of nanoseconds`);
}

/** Throws INVALID_INPUT at a pattern that is none, which NATS takes. */
export function checkOrigins(options: {
  mirror?: Origin | undefined;
  sources?: Origin[] | null | undefined;
}): void {
  if (options.mirror) checkOrigin(options.mirror, '/mirror');
  for (const [index, source] of (options.sources ?? []).entries()) checkOrigin(source, `/sources/${index}`);
  if (!options.mirror || !options.sources?.length) return;
  throw invalidField('/sources', 'a mirror cannot have sources too; give mirror or sources');
}

/** Throws INVALID_INPUT at half a surrogate pair: no bytes can hold it, so that other text would be stored. */
export function checkTexts({ description, metadata }: { description?: unknown; metadata?: unknown }): void {
  for (const [name, value] of Object.entries({ description, metadata })) {
    const texts = Object.entries(Object(typeof value === 'string' ? [value] : value)).flat();
    if (texts.every(text => String(text).isWellFormed())) continue;
    throw invalidField(
      `/${name}`,
      'has half of a surrogate pair (a lone \\ud800 to \\udfff), which no UTF-8 text can hold',
    );
  }
}

/** NATS takes any text for a filter, and a bucket whose filter is none copies nothing for ever. */
function checkOrigin(
  { filter_subject, subject_transforms = [], opt_start_time }: Origin,
  pointer: string,
): void {
  if (
    typeof opt_start_time === 'number' &&
    opt_start_time > LAST_SECOND &&
    opt_start_time < FIRST_NANOSECOND
  ) {
    throw invalidField(
      `${pointer}/opt_start_time`,
      'must be RFC 3339 text such as 2026-01-31T12:00:00Z, seconds since 1970, or nanoseconds, not milliseconds',
    );
  }
  const patterns: [pattern: string | undefined, at: string][] = [
    [filter_subject, 'filter_subject'],
    ...subject_transforms.map(({ src }, index): [string, string] => [src, `subject_transforms/${index}/src`]),
  ];
  for (const [pattern, at] of patterns) {
    if (pattern === undefined || PATTERN.test(pattern)) continue;
    throw invalidField(
      `${pointer}/${at}`,
      'is no key pattern; * stands for one whole token between dots, > for the rest and only at the end, as in user.* or config.>',
    );
  }
}

export function unlimited(limit: number | undefined): number {
  return limit && limit > 0 ? limit : -1;
}

function metadataOf({ metadata, key_encoding }: BucketOptions): Record<string, string> {
  return { ...metadata, ...(key_encoding === 'base64' && { [KEY_ENCODING]: 'base64' }) };
}

export function toRepublish({ source, dest, headers_only }: NonNullable<BucketOptions['republish']>) {
  return { src: source ?? '>', dest, ...(headers_only && { headers_only }) };
}

/** Whether a stream is a bucket: named and subscribed as one (ADR-8), or a mirror of one. Any client may have made it. */
export function isBucket({ config }: { config: StreamConfig }): boolean {
  if (!config.name.startsWith('KV_')) return false;
  if (markOf(config)) return true;
  if (config.mirror) return config.mirror.name.startsWith('KV_') || isPlainStream(config.mirror);
  const prefix = prefixOf(config);
  return config.subjects?.some(subject => subject.startsWith(prefix)) ?? false;
}

/** Options of a bucket as they are in force, read back from its stream. */
export interface BucketOptionsInForce {
  description: string;
  ttl: number;
  history: number;
  max_bytes: number;
  max_value_size: number;
  storage: 'file' | 'memory';
  num_replicas: number;
  compression: boolean;
  metadata: Record<string, string>;
  placement?: { cluster?: string; tags?: string[] };
  mirror?: Origin;
  sources?: Origin[];
  republish?: { source: string; dest: string; headers_only?: boolean };
  key_ttl: boolean;
  marker_ttl?: number;
  key_encoding: 'none' | 'base64';
  transactions: boolean;
  value_schema?: Record<string, unknown>;
}

/** The other way round: what a stream's configuration says in the contract's terms. */
export function fromStreamConfig(config: StreamConfig): BucketOptionsInForce {
  const bucket = config.name.slice('KV_'.length);
  const schema = valueSchemaOf(config);
  const key_encoding = config.metadata?.[KEY_ENCODING] === 'base64' ? 'base64' : 'none';
  return {
    description: config.description ?? '',
    ttl: config.max_age ?? 0,
    history: config.max_msgs_per_subject ?? -1,
    max_bytes: config.max_bytes || -1,
    max_value_size: valueLimit(config),
    storage: config.storage,
    num_replicas: config.num_replicas,
    compression: config.compression === 's2',
    metadata: userMetadata(config.metadata),
    ...placement(config),
    ...(config.mirror && { mirror: toOrigin(config.mirror, { bucket, kind: 'mirror', key_encoding }) }),
    ...(config.sources?.length && {
      sources: config.sources.map(source => toOrigin(source, { bucket, kind: 'source', key_encoding })),
    }),
    ...(config.republish && { republish: fromRepublish(config.republish) }),
    key_ttl: config.allow_msg_ttl === true,
    ...(config.subject_delete_marker_ttl && { marker_ttl: config.subject_delete_marker_ttl }),
    key_encoding,
    transactions: config.allow_atomic === true,
    ...(schema && { value_schema: schema }),
  };
}

function userMetadata(metadata: Record<string, string> = {}): Record<string, string> {
  const own = Object.entries(metadata).filter(
    ([name]) => !name.startsWith('_nats') && !name.startsWith('kvflow.'),
  );
  return Object.fromEntries(own);
}

function placement({
  placement: { cluster, tags } = {},
}: StreamConfig): Pick<BucketOptionsInForce, 'placement'> {
  if (!cluster && !tags?.length) return {};
  return { placement: { ...(cluster && { cluster }), ...(tags?.length && { tags }) } };
}

function fromRepublish({ src, dest, headers_only }: NonNullable<StreamConfig['republish']>) {
  return { source: src || '>', dest, ...(headers_only && { headers_only }) };
}
