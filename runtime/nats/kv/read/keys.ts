import type { Call } from '../../../core/call.ts';
import type { Handles } from '../bucket/handles.ts';
import { GUARD_KEY } from '../guard-key.ts';

/** Makes the lister of keys of one connection: the leader's own index of subjects, page by page. */
export function createKeys(handles: Handles) {
  return async (call: Call, bucket: string, filter: string): Promise<string[]> => {
    const handle = await handles.open(call, bucket);
    const subjects_filter = handle.readPrefix + handle.codec.encodeFilter(filter);
    const keys = new Set<string>();
    for (let offset = 0; ; ) {
      const asked = { subjects_filter, offset };
      const { subjects, total } = await handle.api.subjects(call, handle.stream, asked, `bucket "${bucket}"`);
      for (const subject of subjects) keys.add(handle.codec.decode(subject.slice(handle.readPrefix.length)));
      offset += subjects.length;
      if (subjects.length > 0 && offset < total) continue;
      keys.delete(GUARD_KEY);
      return [...keys].sort();
    }
  };
}
