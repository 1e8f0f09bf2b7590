import type { Call } from '../../../core/call.ts';
import type { BucketHandle, Handles } from '../bucket/handles.ts';
import { patternsOf } from '../bucket/key-patterns.ts';
import { GUARD_KEY } from '../guard-key.ts';
import { readUnderLease } from './leader-lease.ts';

/** Subjects that a page and the next have in common, at first. */
const OVERLAP = 1_000;

/** Makes the lister of keys of one connection: the leader's own index of subjects, page by page. */
export function createKeys(handles: Handles) {
  return async (call: Call, bucket: string, filter: string): Promise<string[]> => {
    const handle = await handles.open(call, bucket);
    const patterns = patternsOf(handle, [filter]);
    const found = await Promise.all(patterns.subjects.map(subjects => keysOf(call, handle, subjects)));
    const keys = found.flat().sort();
    // A set of many keys takes several times as long.
    return keys.filter((key, at) => key !== keys[at - 1] && key !== GUARD_KEY && patterns.wants(key));
  };
}

/**
 * The server sorts the subjects, and answers those from a place by number: where some before the place are gone since the page
 * before, those after it move down past it. So each page begins with some of the page before, and is asked for again from
 * further down where it does not.
 */
async function keysOf(call: Call, handle: BucketHandle, subjects_filter: string): Promise<string[]> {
  const found = new Set<string>();
  let [offset, overlap] = [0, OVERLAP];
  for (;;) {
    const asked = { subjects_filter, offset };
    const about = `bucket "${handle.bucket}"`;
    const page = () => handle.api.subjects(call, handle.stream, asked, about);
    const { subjects, total } = await readUnderLease(call, handle, page);
    const [first] = subjects;
    if (offset === 0 && subjects.length >= total) return subjects.map(subject => keyOf(handle, subject));
    if (offset > 0 && (first === undefined || !found.has(first))) {
      overlap *= 2;
      offset = Math.max(0, Math.min(offset, total) - overlap);
      continue;
    }
    for (const subject of subjects) found.add(subject);
    const end = offset + subjects.length;
    if (first === undefined || end >= total) return [...found].map(subject => keyOf(handle, subject));
    offset = end - Math.min(overlap, subjects.length >> 1);
  }
}

function keyOf({ codec, readPrefix }: BucketHandle, subject: string): string {
  return codec.decode(subject.slice(readPrefix.length));
}
