import { isDeepStrictEqual } from 'node:util';
import type { Origin } from '../../../../contract/types.gen.ts';
import { isPlainStream } from '../../../core/origin-names.ts';
import type { StreamConfig, StreamSource } from '../../stream-types.ts';
import { originPatterns } from './origin-patterns.ts';

/** A mirror copies another bucket whole; a source is gathered into a bucket that has keys of its own too. */
export type OriginKind = 'mirror' | 'source';

/** The beginning of a subject, before its key. */
const PREFIX = /^\$KV\.[^.]+\./;

/** `$KV.<bucket>.`, under which a bucket's keys are stored. */
export function subjectPrefix(bucket: string): string {
  return `$KV.${bucket}.`;
}

/** The bucket of a {@link subjectPrefix}. */
export function bucketOfPrefix(prefix: string): string {
  return prefix.slice('$KV.'.length, -1);
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

/** Whether a pattern is a full subject already. */
export function isFull(pattern: string): boolean {
  return pattern.startsWith('$KV.');
}

/** What a mirror that renames makes of its origin's subjects begins with. */
export function renamedPrefix({ mirror }: Pick<StreamConfig, 'mirror'>): string | undefined {
  return mirror?.subject_transforms?.[0]?.dest.match(PREFIX)?.[0];
}

/**
 * An origin as JetStream takes it, its patterns subjects already. A mirror keeps its origin's subjects, which is what all NATS clients
 * read (ADR-8).
 */
export function toSource(origin: Origin): StreamSource {
  const { name, filter_subject, subject_transforms, opt_start_seq, opt_start_time, domain } = origin;
  return {
    name: isPlainStream(origin) ? name : `KV_${originBucket(name)}`,
    ...(filter_subject && { filter_subject }),
    ...(subject_transforms && { subject_transforms }),
    ...(opt_start_seq && { opt_start_seq }),
    ...(opt_start_time !== undefined && { opt_start_time: toTime(opt_start_time) }),
    ...(domain && { external: { api: `$JS.${domain}.API`, deliver: '' } }),
  };
}

/** The destination in a bucket that keeps each matched key: wildcards refer to what they matched. */
export function keysKept(src: string, bucket: string): string {
  let wildcards = 0;
  const tokens = src
    .replace(PREFIX, '')
    .split('.')
    .map(token => (token === '*' ? `{{wildcard(${++wildcards})}}` : token));
  return subjectPrefix(bucket) + tokens.join('.');
}

function toTime(time: string | number): string {
  if (typeof time !== 'number') return time;
  // Seconds end long before nanoseconds of our time begin.
  return new Date(time < 1e17 ? time * 1000 : time / 1e6).toISOString();
}

/** Whose origin it is. */
interface Shown {
  bucket: string;
  kind: OriginKind;
  key_encoding: 'none' | 'base64';
}

/** The other way round, in the words it may be asked for again. */
export function toOrigin(source: StreamSource, shown: Shown): Origin {
  const domain = source.external?.api.match(/^\$JS\.(.+)\.API$/)?.[1];
  return {
    name: originBucket(source.name),
    ...(domain && { domain }),
    ...shownRenames(source, shown),
    ...(source.opt_start_seq && { opt_start_seq: source.opt_start_seq }),
    ...(source.opt_start_time && { opt_start_time: new Date(source.opt_start_time).toISOString() }),
  };
}

function shownRenames(
  { name, filter_subject: filter, subject_transforms: renames = [] }: StreamSource,
  { bucket, kind, key_encoding }: Shown,
): Partial<Origin> {
  if (isPlainStream({ name, subject_transforms: renames })) return { subject_transforms: renames };
  const patterns = originPatterns(key_encoding);
  const [first] = renames;
  if (!first) return filter ? { filter_subject: keyPattern(filter) } : {};
  const pattern = keyPattern(first.src);
  if (kind === 'source' && renames.every(({ src, dest }) => dest === keysKept(src, bucket))) {
    const forms = isFull(pattern) ? [] : patterns.write(pattern);
    if (
      isDeepStrictEqual(
        forms,
        renames.map(({ src }) => src.replace(PREFIX, '')),
      ) ||
      renames.length === 1
    )
      return pattern === '>' ? {} : { filter_subject: pattern };
  }
  return {
    subject_transforms: renames.map(({ src, dest }) => ({ src: keyPattern(src), dest: keyPattern(dest) })),
  };

  function keyPattern(subject: string): string {
    return (isFull(subject) ? patterns.read(subject.replace(PREFIX, '')) : undefined) ?? subject;
  }
}
