import type { Call } from '../../../core/call.ts';
import type { Handles } from '../bucket/handles.ts';
import { GUARD_KEY } from '../guard-key.ts';

/** Makes the lister of keys of one connection: the leader's own index of subjects, page by page. */
export function createKeys(handles: Handles) {
  return async (call: Call, bucket: string, filter: string): Promise<string[]> => {
    const handle = await handles.open(call, bucket);
    const subjects_filter = handle.readPrefix + handle.codec.encodeFilter(filter);
    const keys: string[] = [];
    for (;;) {
      const asked = { subjects_filter, offset: keys.length };
      const { subjects, total } = await handle.api.subjects(call, handle.stream, asked, `bucket "${bucket}"`);
      for (const subject of subjects) keys.push(handle.codec.decode(subject.slice(handle.readPrefix.length)));
      if (subjects.length === 0 || keys.length >= total) return keys.filter(key => key !== GUARD_KEY).sort();
    }
  };
}
