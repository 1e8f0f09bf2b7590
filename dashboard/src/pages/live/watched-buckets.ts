import { useRef } from 'react';
import type { WatchRange } from '../../api/change.ts';
import { useInvoke } from '../../api/use-invoke.ts';
import { ANY, namesMany, type Range } from './range.ts';

/** Watches at once; a stream of the server carries some more, and other pages need theirs. */
const MAX = 100;
const LOOK_MS = 5_000;

/** The buckets that a range names. */
export interface WatchedBuckets {
  ranges: readonly WatchRange[];
  /** Buckets that would fit too, and are too many. */
  left: number;
}

/**
 * What is watched for a bucket or for a pattern of buckets such as `team-*`. A bucket that is made later comes in by itself, with
 * everything that happened to it since.
 */
export function useWatchedBuckets({ bucket, filter, start }: Range): WatchedBuckets {
  const many = namesMany(bucket);
  const { data } = useInvoke('kv-bucket-list', {}, { enabled: many, everyMs: LOOK_MS });
  const known = useRef<Map<string, WatchRange>>(undefined);
  const common = filter === '' ? {} : { filter };
  if (!many) return { ranges: [{ bucket, ...common, start }], left: 0 };
  if (!data) return { ranges: [], left: 0 };
  const fits = patternOf(bucket);
  const names = data.buckets
    .filter(info => fits.test(info.bucket))
    .sort((a, b) => (b.last_modified_at ?? '').localeCompare(a.last_modified_at ?? ''))
    .map(info => info.bucket);
  const first = known.current === undefined;
  known.current ??= new Map();
  for (const name of known.current.keys()) if (!names.includes(name)) known.current.delete(name);
  for (const name of names) {
    if (known.current.size >= MAX) break;
    if (!known.current.has(name))
      known.current.set(name, { bucket: name, ...common, start: first ? start : 'history' });
  }
  return { ranges: [...known.current.values()], left: Math.max(0, names.length - known.current.size) };
}

function patternOf(glob: string): RegExp {
  const parts = glob.split(ANY).map(part => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}
