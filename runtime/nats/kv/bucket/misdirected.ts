import { isDeepStrictEqual } from 'node:util';
import { PackError } from '../../../../contract/errors.ts';
import type { StreamConfig, StreamSource } from '../../stream-types.ts';
import { originBucket, subjectPrefix } from './origins.ts';

/**
 * Throws BUCKET_EXISTS where a bucket reads as it is asked for, and takes subjects that its origin does not have: so it was made of a
 * bucket that is a mirror itself, and nothing is copied. Not where the origin's subjects are its own, as is also taken of one that is away.
 */
export function refuseMisdirected(found: StreamConfig, asked: StreamConfig): void {
  const bucket = asked.name.slice('KV_'.length);
  if (asked.mirror && isMisdirected(found.mirror, asked.mirror))
    throw misdirected(bucket, asked.mirror, 'Delete it, and make it again.');
  const source = asked.sources?.find((each, index) => isMisdirected(found.sources?.[index], each));
  if (source) throw misdirected(bucket, source, 'Give it the same sources with kv-bucket-update.');
}

function isMisdirected(found: StreamSource | undefined, asked: StreamSource): boolean {
  const isAsItsName = subjectsOf(asked).every(each =>
    each.startsWith(subjectPrefix(originBucket(asked.name))),
  );
  return !isAsItsName && !isDeepStrictEqual(subjectsOf(found), subjectsOf(asked));
}

/** What is copied. */
function subjectsOf(source: StreamSource | undefined): string[] {
  const { filter_subject, subject_transforms = [] } = source ?? {};
  return [...(filter_subject ? [filter_subject] : []), ...subject_transforms.map(({ src }) => src)];
}

function misdirected(bucket: string, { name }: StreamSource, wayOut: string): PackError {
  return new PackError(
    'BUCKET_EXISTS',
    `Bucket "${bucket}" exists with these options, but takes subjects that bucket "${originBucket(name)}" does not have, as that is or was a mirror itself: nothing is copied. ${wayOut}`,
  );
}
