import type { Call } from '../../../core/call.ts';
import type { BucketHandle, Handles } from '../bucket/handles.ts';
import { patternsOf } from '../bucket/key-patterns.ts';
import { GUARD_KEY } from '../guard-key.ts';
import { readUnderLease } from './leader-lease.ts';

/** Makes the lister of keys of one connection: the leader's own index of subjects, page by page. */
export function createKeys(handles: Handles) {
  return async (call: Call, bucket: string, filter: string): Promise<string[]> => {
    const handle = await handles.open(call, bucket);
    const patterns = patternsOf(handle, [filter]);
    const found = await Promise.all(patterns.subjects.map(subjects => keysOf(call, handle, subjects)));
    const keys = new Set(found.flat().filter(patterns.wants));
    keys.delete(GUARD_KEY);
    return [...keys].sort();
  };
}

async function keysOf(call: Call, handle: BucketHandle, subjects_filter: string): Promise<string[]> {
  const keys: string[] = [];
  for (let offset = 0; ; ) {
    const asked = { subjects_filter, offset };
    const about = `bucket "${handle.bucket}"`;
    const page = () => handle.api.subjects(call, handle.stream, asked, about);
    const { subjects, total } = await readUnderLease(call, handle, page);
    for (const subject of subjects) keys.push(handle.codec.decode(subject.slice(handle.readPrefix.length)));
    offset += subjects.length;
    if (subjects.length === 0 || offset >= total) return keys;
  }
}
