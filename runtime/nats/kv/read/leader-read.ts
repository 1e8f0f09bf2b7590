import type { Call } from '../../../core/call.ts';
import { isMirrored } from '../bucket/copies.ts';
import type { LedStream } from './leader-lease.ts';
import { readUnderLease } from './leader-lease.ts';
import { proveLast } from './proof.ts';
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
  const subject = 'last_by_subj' in request ? request.last_by_subj : '>';
  const mayProve = at.config.allow_direct === true && !isMirrored(at) && !/[*>]/.test(subject);
  const prove = (leader: string | undefined) => proveLast(call, at, { subject, leader });
  return readUnderLease(call, at, () => ask(call, at, request), mayProve ? prove : undefined);
}

async function ask(call: Call, at: LedStream, request: LeaderRequest): Promise<StoredMessage | undefined> {
  const endpoint = `STREAM.MSG.GET.${at.stream}`;
  const about = `bucket "${at.bucket}"`;
  const found = await at.api.find<{ message: LeaderMessage }>(call, endpoint, request, about);
  return found && fromLeader(found.message);
}
