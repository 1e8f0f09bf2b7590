import type { Call } from '../../core/define-function.ts';
import type { StreamInfo } from '../stream-types.ts';
import type { Handles } from './handles.ts';

/** With how many messages each subject has. */
interface SubjectsPage extends StreamInfo {
  total?: number;
  state: StreamInfo['state'] & { subjects?: Record<string, number> };
}

/** Makes the lister of keys of one connection: the leader's own index of subjects, page by page. */
export function createKeys(handles: Handles) {
  return async (call: Call, bucket: string, filter: string): Promise<string[]> => {
    const handle = await handles.open(call, bucket);
    const subjects_filter = handle.readPrefix + handle.codec.encodeFilter(filter);
    const keys: string[] = [];
    for (let offset = 0; ; ) {
      const request = { subjects_filter, offset };
      const endpoint = `STREAM.INFO.${handle.stream}`;
      const page = await handle.api.ask<SubjectsPage>(call, endpoint, request, `bucket "${bucket}"`);
      const subjects = Object.keys(page.state.subjects ?? {});
      for (const subject of subjects) keys.push(handle.codec.decode(subject.slice(handle.readPrefix.length)));
      offset += subjects.length;
      if (subjects.length === 0 || offset >= (page.total ?? 0)) return keys.sort();
    }
  };
}
