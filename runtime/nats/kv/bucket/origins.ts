import type { Origin } from '../../../../contract/types.gen.ts';
import { isPlainStream } from '../../../core/origin-names.ts';
import type { StreamConfig, StreamSource } from '../../stream-types.ts';

/** A mirror copies another bucket whole; a source is gathered into a bucket that has keys of its own too. */
export type OriginKind = 'mirror' | 'source';

/** `$KV.<bucket>.`, under which a bucket's keys are stored. */
export function subjectPrefix(bucket: string): string {
  return `$KV.${bucket}.`;
}

/** A mirror that was made a bucket of its own goes on under the subjects of this bucket, which it was a copy of. */
export const PROMOTED_FROM = 'kvflow.promoted_from';

/** The beginning of the subjects of a bucket's stream. */
export function prefixOf({ name, metadata }: Pick<StreamConfig, 'name' | 'metadata'>): string {
  return subjectPrefix(metadata?.[PROMOTED_FROM] ?? name.slice('KV_'.length));
}

/** The bucket behind an origin's name, which may be given as a bucket or as its stream. */
export function originBucket(name: string): string {
  return name.startsWith('KV_') ? name.slice('KV_'.length) : name;
}

/**
 * An origin as JetStream takes it. Keys of a source are renamed to the gathering bucket, else its readers would not
 * find them; a mirror keeps its origin's subjects, which is what all NATS clients read (ADR-8).
 */
export function toSource(origin: Origin, bucket: string, kind: OriginKind): StreamSource {
  if (isPlainStream(origin)) return fromPlainStream(origin);
  const from = originBucket(origin.name);
  const renames = kind === 'mirror' ? mirrorRenames(origin, from) : sourceRenames(origin, from, bucket);
  return {
    name: `KV_${from}`,
    ...(kind === 'mirror' && origin.filter_subject && { filter_subject: full(origin.filter_subject, from) }),
    ...(renames && { subject_transforms: renames }),
    ...(origin.opt_start_seq && { opt_start_seq: origin.opt_start_seq }),
    ...(origin.opt_start_time !== undefined && { opt_start_time: toTime(origin.opt_start_time) }),
    ...(origin.domain && { external: { api: `$JS.${origin.domain}.API`, deliver: '' } }),
  };
}

/** Its subjects are its own: they are taken as they are written. */
function fromPlainStream({ name, subject_transforms, ...origin }: Origin): StreamSource {
  return {
    name,
    ...(subject_transforms && { subject_transforms }),
    ...(origin.opt_start_seq && { opt_start_seq: origin.opt_start_seq }),
    ...(origin.opt_start_time !== undefined && { opt_start_time: toTime(origin.opt_start_time) }),
    ...(origin.domain && { external: { api: `$JS.${origin.domain}.API`, deliver: '' } }),
  };
}

function mirrorRenames(origin: Origin, from: string) {
  return origin.subject_transforms?.map(({ src, dest }) => ({
    src: full(src, from),
    dest: full(dest, from),
  }));
}

function sourceRenames(origin: Origin, from: string, bucket: string) {
  if (origin.subject_transforms) {
    return origin.subject_transforms.map(({ src, dest }) => ({
      src: full(src, from),
      dest: full(dest, bucket),
    }));
  }
  const src = full(origin.filter_subject ?? '>', from);
  return [{ src, dest: sameKeys(src, from, bucket) }];
}

/** A key pattern under its bucket; what already is a full subject stays as it is. */
function full(pattern: string, bucket: string): string {
  return pattern.startsWith('$KV.') ? pattern : subjectPrefix(bucket) + pattern;
}

/** The destination that keeps each matched key: wildcards refer to what they matched. */
function sameKeys(src: string, from: string, bucket: string): string {
  const prefix = subjectPrefix(from);
  const keys = src.startsWith(prefix) ? src.slice(prefix.length) : src;
  let wildcards = 0;
  const tokens = keys.split('.').map(token => (token === '*' ? `{{wildcard(${++wildcards})}}` : token));
  return subjectPrefix(bucket) + tokens.join('.');
}

function toTime(time: string | number): string {
  if (typeof time !== 'number') return time;
  // Seconds end long before nanoseconds of our time begin.
  return new Date(time < 1e17 ? time * 1000 : time / 1e6).toISOString();
}

/** The other way round, in the words it may be asked for again. */
export function toOrigin(source: StreamSource, bucket: string, kind: OriginKind): Origin {
  const from = originBucket(source.name);
  const domain = source.external?.api.match(/^\$JS\.(.+)\.API$/)?.[1];
  return {
    name: from,
    ...(domain && { domain }),
    ...shownRenames(source, from, bucket, kind),
    ...(source.opt_start_seq && { opt_start_seq: source.opt_start_seq }),
    ...(source.opt_start_time && { opt_start_time: new Date(source.opt_start_time).toISOString() }),
  };
}

function shownRenames(source: StreamSource, from: string, bucket: string, kind: OriginKind): Partial<Origin> {
  const own = { name: source.name, subject_transforms: source.subject_transforms ?? [] };
  if (isPlainStream(own)) return { subject_transforms: own.subject_transforms };
  const filter = source.filter_subject;
  const renames = source.subject_transforms ?? [];
  const [only] = renames;
  if (!only) return filter ? { filter_subject: keyPattern(filter, from) } : {};
  if (kind === 'source' && renames.length === 1 && only.dest === sameKeys(only.src, from, bucket)) {
    const pattern = keyPattern(only.src, from);
    return pattern === '>' ? {} : { filter_subject: pattern };
  }
  const under = kind === 'mirror' ? from : bucket;
  const shown = renames.map(({ src, dest }) => ({
    src: keyPattern(src, from),
    dest: keyPattern(dest, under),
  }));
  return { subject_transforms: shown };
}

function keyPattern(subject: string, bucket: string): string {
  const prefix = subjectPrefix(bucket);
  return subject.startsWith(prefix) ? subject.slice(prefix.length) : subject;
}
