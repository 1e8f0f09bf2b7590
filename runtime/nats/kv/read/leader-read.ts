import { PackError } from '../../../../contract/errors.ts';
import type { Call } from '../../../core/call.ts';
import type { StreamView } from '../bucket/stream-view.ts';
import type { LeaderMessage, StoredMessage } from './stored-message.ts';
import { fromLeader } from './stored-message.ts';

/** Which message: the one of a sequence number, the next of a pattern from there on, or the last of a subject. */
export type LeaderRequest = { seq: number; next_by_subj?: string } | { last_by_subj: string };

/** One message as the stream's leader has it: slower than a direct get, but of every stream and never late. */
export async function readAtLeader(
  call: Call,
  at: Pick<StreamView, 'api' | 'bucket' | 'stream'>,
  request: LeaderRequest,
): Promise<StoredMessage | undefined> {
  try {
    const endpoint = `STREAM.MSG.GET.${at.stream}`;
    const about = `bucket "${at.bucket}"`;
    const { message } = await at.api.ask<{ message: LeaderMessage }>(call, endpoint, request, about);
    return fromLeader(message);
  } catch (error) {
    if (error instanceof PackError && error.code === 'KEY_NOT_FOUND') return undefined;
    throw error;
  }
}
