import { isDeepStrictEqual } from 'node:util';
import { invalidField, PackError } from '../../../../contract/errors.ts';
import type { BucketChanges } from '../../../core/ports/buckets.ts';
import type { StreamConfig } from '../../stream-types.ts';
import {
  checkedTtl,
  checkTexts,
  DUPLICATE_WINDOW,
  fromStreamConfig,
  toRepublish,
  unlimited,
} from './bucket-config.ts';
import { MARKER_TTL, withMarkers } from './marker-ttl.ts';
import { bucketOfPrefix, PROMOTED_FROM, toSource } from './origins.ts';
import { withValueSchema } from './stream-value-schema.ts';
import { withValueLimit } from './value-size.ts';

type Changed = Partial<Record<keyof StreamConfig, unknown>>;

/** A stream's configuration with the changes made; what they do not name stays, whoever set it. New sources are {@link withSubjects} already. */
export function changedConfig(
  config: StreamConfig,
  changes: BucketChanges,
  readPrefix: string,
): StreamConfig {
  const bucket = config.name.slice('KV_'.length);
  refuseImmutable(config, changes);
  checkTexts(changes);
  const changed: Changed = {};
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) continue;
    Object.assign(
      changed,
      CHANGES[name as keyof BucketChanges]?.(value as never, config, { bucket, readPrefix }),
    );
  }
  const merged = withMarkers({ ...config, ...changed } as StreamConfig, changes);
  const sized =
    changes.max_value_size === undefined ? merged : withValueLimit(merged, changes.max_value_size);
  const checked =
    changes.value_schema === undefined ? sized : withValueSchema(sized, schemaFor(config, changes));
  return Object.fromEntries(
    Object.entries(checked).filter(([, value]) => value !== undefined),
  ) as StreamConfig;
}

/** Writes to a mirror are stored in its origin. */
function schemaFor(config: StreamConfig, { value_schema, mirror }: BucketChanges) {
  if (value_schema && config.mirror && mirror !== null)
    throw invalidField('/value_schema', 'a mirror stores what its origin takes; give the origin the schema');
  return value_schema;
}

type Change = (value: never, config: StreamConfig, at: { bucket: string; readPrefix: string }) => Changed;

/** How each option changes the stream. */
const CHANGES: { [Name in keyof BucketChanges]: Change } = {
  description: (description: string) => ({ description }),
  ttl: (ttl: number | null, config) => {
    const max_age = checkedTtl(ttl);
    return { max_age, duplicate_window: windowFor(max_age, config) };
  },
  history: (history: number) => ({ max_msgs_per_subject: history }),
  max_bytes: (limit: number) => ({ max_bytes: unlimited(limit) }),
  num_replicas: (num_replicas: number) => ({ num_replicas }),
  compression: (on: boolean) => ({ compression: on ? 's2' : 'none' }),
  metadata: (metadata: Record<string, string> | null, config) => ({
    metadata: { ...reservedMetadata(config), ...metadata },
  }),
  placement: (placement: object | null) => ({ placement: placement ?? undefined }),
  republish: (republish: never) => ({ republish: republish ? toRepublish(republish) : undefined }),
  sources: (sources: never[] | null) => ({ sources: sources?.length ? sources.map(toSource) : undefined }),
  key_ttl: (on: boolean) => (on ? { allow_msg_ttl: true } : {}),
  transactions: (on: boolean, config, { bucket }) => {
    if (on && config.mirror) {
      throw invalidField(
        '/transactions',
        `bucket "${bucket}" is a mirror, which follows its origin write by write`,
      );
    }
    return { allow_atomic: on };
  },
  mirror: (_null: null, config, { readPrefix }) => (config.mirror ? promotion(config, readPrefix) : {}),
};

/** The server refuses a window that is longer than the messages live. */
function windowFor(ttl: number, { duplicate_window = DUPLICATE_WINDOW }: StreamConfig): number {
  return ttl > 0 ? Math.min(ttl, duplicate_window) : DUPLICATE_WINDOW;
}

/** What a mirror holds stays where it is: under its origin's subjects, or those it made of them, which become its own. */
function promotion(config: StreamConfig, readPrefix: string): Changed {
  return {
    mirror: undefined,
    subjects: [`${readPrefix}>`],
    allow_atomic: true,
    metadata: { ...config.metadata, [PROMOTED_FROM]: bucketOfPrefix(readPrefix) },
    ...(config.allow_msg_ttl && { subject_delete_marker_ttl: MARKER_TTL }),
  };
}

/** The error of an update; while the origin is there, its subjects are its own. */
export function promotionRefused(error: unknown, { mirror }: BucketChanges, readPrefix: string): unknown {
  if (mirror !== null || !(error instanceof PackError) || error.code !== 'BUCKET_EXISTS') return error;
  const origin = bucketOfPrefix(readPrefix);
  return new PackError(
    error.code,
    `A mirror takes the place of bucket "${origin}", whose items it has, and that is still there. Delete "${origin}" first, or make a bucket of its items with kv-bucket-clone.`,
    { cause: error.cause },
  );
}

function reservedMetadata({ metadata = {} }: StreamConfig): Record<string, string> {
  const reserved = Object.entries(metadata).filter(([name]) => /^(_nats|kvflow\.)/.test(name));
  return Object.fromEntries(reserved);
}

function refuseImmutable(config: StreamConfig, changes: BucketChanges): void {
  const current = fromStreamConfig(config);
  const names: string[] = [];
  for (const name of ['storage', 'key_encoding'] as const) {
    if (changes[name] !== undefined && changes[name] !== current[name]) names.push(name);
  }
  if (changes.key_ttl === false && current.key_ttl) names.push('key_ttl');
  if (changes.mirror && !isDeepStrictEqual(changes.mirror, current.mirror)) names.push('mirror');
  if (names.length === 0) {
    if (config.mirror && changes.sources?.length)
      throw invalidField('/sources', 'a mirror cannot have sources');
    return;
  }
  throw new PackError(
    'IMMUTABLE',
    `Cannot be changed on bucket "${config.name.slice('KV_'.length)}": ${names.join(', ')}. Create another bucket and copy the items over (kv-bucket-export, kv-bucket-import).`,
    { details: { immutable: names } },
  );
}
