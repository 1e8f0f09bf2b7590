import type { Origin } from '../../../../contract/types.gen.ts';
import type { Call } from '../../../core/call.ts';
import { isPlainStream } from '../../../core/origin-names.ts';
import type { BucketOptions } from '../../../core/ports/buckets.ts';
import type { Handles } from './handles.ts';
import { originPatterns } from './origin-patterns.ts';
import { isFull, keysKept, originBucket, subjectPrefix } from './origins.ts';

/** Whose leader is away is not waited for. */
const LOOK_MS = 1_000;

/** Where a bucket takes its items from, with key patterns. */
interface Origins {
  mirror?: Origin | undefined;
  sources?: Origin[] | null | undefined;
}

/** What is known of the bucket that takes them. */
interface Taker {
  bucket: string;
  key_encoding: BucketOptions['key_encoding'];
  handles: Handles;
}

/**
 * The same origins with subjects in place of key patterns, which say what is copied: keys are matched as they are stored, and a bucket
 * that is a mirror itself stores them under the subjects of the bucket it copies.
 */
export async function withSubjects<O extends Origins>(call: Call, origins: O, taker: Taker): Promise<O> {
  const { mirror, sources } = origins;
  const inFull = async (origin: Origin, change: typeof ofMirror) => {
    if (isPlainStream(origin)) return origin;
    return change(origin, await storedUnder(call, origin, taker.handles), taker);
  };
  return {
    ...origins,
    ...(mirror && { mirror: await inFull(mirror, ofMirror) }),
    ...(sources && { sources: await Promise.all(sources.map(source => inFull(source, ofSource))) }),
  };
}

function ofMirror(origin: Origin, prefix: string, { key_encoding }: Taker): Origin {
  const { filter_subject, subject_transforms } = origin;
  const patterns = originPatterns(key_encoding);
  const [filter] = filter_subject ? subjects(filter_subject, prefix, patterns.write) : [];
  return {
    ...origin,
    ...(filter && { filter_subject: filter }),
    ...(subject_transforms && {
      subject_transforms: renames(subject_transforms, { prefix, to: prefix, patterns }),
    }),
  };
}

/** Keys are renamed to the gathering bucket, else its readers would not find them. */
function ofSource(origin: Origin, prefix: string, { bucket, key_encoding }: Taker): Origin {
  const { filter_subject = '>', subject_transforms, ...rest } = origin;
  const patterns = originPatterns(key_encoding);
  const to = subjectPrefix(bucket);
  const transforms = subject_transforms
    ? renames(subject_transforms, { prefix, to, patterns })
    : subjects(filter_subject, prefix, patterns.write).map(src => ({ src, dest: keysKept(src, bucket) }));
  return { ...rest, subject_transforms: transforms };
}

function renames(
  transforms: NonNullable<Origin['subject_transforms']>,
  { prefix, to, patterns }: { prefix: string; to: string; patterns: ReturnType<typeof originPatterns> },
) {
  return transforms.map(({ src, dest }) => ({
    src: subjects(src, prefix, patterns.write)[0] ?? src,
    dest: subjects(dest, to, each => [patterns.writeDest(each)])[0] ?? dest,
  }));
}

/** What already is a full subject stays as it is. */
function subjects(pattern: string, prefix: string, write: (pattern: string) => string[]): string[] {
  return isFull(pattern) ? [pattern] : write(pattern).map(each => prefix + each);
}

/**
 * The beginning of the subjects that an origin holds. One that is not there yet, is away or in another domain is taken for a bucket with
 * subjects of its own.
 */
async function storedUnder(call: Call, { name, domain }: Origin, handles: Handles): Promise<string> {
  const bucket = originBucket(name);
  if (domain) return subjectPrefix(bucket);
  const soon = { deadline: Math.min(call.deadline, Date.now() + LOOK_MS) };
  handles.drop(bucket);
  try {
    return (await handles.open(soon, bucket)).readPrefix;
  } catch {
    return subjectPrefix(bucket);
  }
}
