import { PackError } from '../../../../contract/errors.ts';
import type { Call } from '../../../core/call.ts';
import type { LedStream } from './leader-lease.ts';
import { readUnderLease } from './leader-lease.ts';
import type { LeaderMessage, StoredMessage } from './stored-message.ts';
import { fromLeader } from './stored-message.ts';

/** Which message: the one of a sequence number, the next of a pattern from there on, or the last of a subject. */
export type LeaderRequest = { seq: number; next_by_subj?: string } | { last_by_subj: string };

/**
 * One message as the stream's leader has it: slower than a direct get, but of every stream and never late, see
 * {@link readUnderLease}.
 */
export function readAtLeader(
  call: Call,
  at: LedStream,
  request: LeaderRequest,
): Promise<StoredMessage | undefined> {
  return readUnderLease(call, at, () => ask(call, at, request));
}

async function ask(call: Call, at: LedStream, request: LeaderRequest): Promise<StoredMessage | undefined> {
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
