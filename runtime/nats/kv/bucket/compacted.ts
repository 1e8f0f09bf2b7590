import { PackError } from '../../../../contract/errors.ts';
import type { Call } from '../../../core/call.ts';
import type { StreamConfig, StreamInfo } from '../../stream-types.ts';
import { notAside } from './aside.ts';
import type { Handles } from './handles.ts';

/** Where a bucket says that markers were dropped: `<revision> <milliseconds since 1970>`. Our own entry of the stream's metadata. */
const COMPACTED = 'kvflow.compacted';

/** Up to which revision, and when by the server's clock, markers were dropped. */
export interface Compacted {
  revision: number;
  at: number;
}

/** What a stream says of it; undefined: its markers were never dropped. */
export function compactedOf({ metadata }: StreamConfig): Compacted | undefined {
  const [revision = 0, at = 0] = (metadata?.[COMPACTED] ?? '').split(' ').map(Number);
  return revision > 0 ? { revision, at } : undefined;
}

/**
 * Notes with a bucket that markers are about to be dropped, and answers up to which revision they may be: the server tells nobody of
 * a purge, so that a watch which was away learns of it by this alone. Who may not change the bucket drops them without.
 */
export function createNoteCompaction(handles: Handles) {
  return async (call: Call, { bucket }: { bucket: string }): Promise<number> => {
    const { api, stream } = (await handles.open(call, bucket)).origin;
    const { config, state, ts } = await notAside(call, api, () => api.streamInfo(call, stream));
    const metadata = { ...config.metadata, [COMPACTED]: `${state.last_seq} ${Date.parse(ts ?? '')}` };
    try {
      const changed = { ...config, metadata };
      await api.ask<StreamInfo>(call, `STREAM.UPDATE.${stream}`, changed, `bucket "${bucket}"`);
    } catch (error) {
      if (!(error instanceof PackError && error.code === 'FORBIDDEN')) throw error;
    }
    handles.drop(bucket);
    return state.last_seq;
  };
}
