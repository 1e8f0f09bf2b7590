import { setTimeout as sleep } from 'node:timers/promises';
import { PackError } from '../../../../contract/errors.ts';
import type { Call } from '../../../core/call.ts';
import { isMirrored } from '../bucket/copies.ts';
import type { LedStream, Proven } from './leader-lease.ts';
import { readUnderLease } from './leader-lease.ts';
import type { LeaderMessage, StoredMessage } from './stored-message.ts';
import { fromDirect, fromLeader } from './stored-message.ts';

/** Which message: the one of a sequence number, the next of a pattern from there on, or the last of a subject. */
export type LeaderRequest = { seq: number; next_by_subj?: string } | { last_by_subj: string };

/** So long an answer that shows how new it is may take; so often, and after such pauses, a copy that is a moment late is asked again. */
const [PROOF_MS, PROOF_TRIES, REPLICA_LAG_MS] = [200, 5, 2];

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
  const mayProve = at.config.allow_direct === true && !isMirrored(at) && !subject.endsWith('>');
  const prove = (leader: string | undefined) => proveLast(call, at, { subject, leader });
  return readUnderLease(call, at, () => ask(call, at, request), mayProve ? prove : undefined);
}

async function ask(call: Call, at: LedStream, request: LeaderRequest): Promise<StoredMessage | undefined> {
  const endpoint = `STREAM.MSG.GET.${at.stream}`;
  const about = `bucket "${at.bucket}"`;
  const found = await at.api.find<{ message: LeaderMessage }>(call, endpoint, request, about);
  return found && fromLeader(found.message);
}

/**
 * The last message of a subject by a copy of the stream that says to which revision it had come, which is no earlier than what the leader
 * says, by its name, of itself. A message of a leader does not say whose it is.
 */
async function proveLast(
  { deadline }: Call,
  at: LedStream,
  { subject, leader }: { subject: string; leader: string | undefined },
): Promise<Proven<StoredMessage>> {
  const { api, stream } = at;
  const soon = { deadline: Math.min(deadline, Date.now() + PROOF_MS) };
  const newest = () => api.newestOf(soon, stream, subject);
  try {
    let [info, found] = await Promise.all([api.streamInfo(soon, stream), newest()]);
    if (info.cluster?.leader !== leader) return 'another leads';
    for (let tries = 1; found.upTo < info.state.last_seq && tries < PROOF_TRIES; tries++) {
      await sleep(REPLICA_LAG_MS);
      found = await newest();
    }
    if (!found.message || found.upTo < info.state.last_seq) return undefined;
    const answer = fromDirect(at, found.message);
    return answer && !isMirrored(at) ? { answer } : undefined;
  } catch (error) {
    // Nobody answers so, or not in time: it is read without.
    if (error instanceof PackError) return undefined;
    throw error;
  }
}
