import { setTimeout as sleep } from 'node:timers/promises';
import type { Msg } from '@nats-io/transport-node';
import type { PackError } from '../../../../contract/errors.ts';
import type { Call } from '../../../core/call.ts';
import { ELECTION_MS, isNoResponders } from '../../js-api.ts';
import type { BucketHandle, Handles } from './handles.ts';
import { pauseWithOthers } from './pause-with-others.ts';
import { whyNobodyAnswers } from './why-nobody-answers.ts';

const PAUSE_MS = 50;
const MAX_UNEXPLAINED = 2;
/** Between two tries while the bucket is held still for a backup. */
const COPY_PAUSE_MS = 10;

/**
 * Sends until somebody listens. Between two leaders of a stream nobody does, so that nothing was stored and it may be sent
 * again (ADR-22). Throws what {@link whyNobodyAnswers} finds where waiting is of no use: no cluster that elects another, or
 * an origin in another domain. `first` is what was answered where it was sent once already.
 */
export async function sendToLeader(
  call: Call,
  { handles, handle, first }: { handles: Handles; handle: BucketHandle; first?: Msg },
  send: () => Promise<Msg>,
): Promise<Msg> {
  const until = Math.min(call.deadline, Date.now() + ELECTION_MS);
  let msg = first ?? (await send());
  for (let unexplained = 0; ; msg = await send()) {
    if (!isNoResponders(msg)) return msg;
    const { error: why, isOutOfReach } = await whyNobodyAnswers(handles, handle, call);
    // What was in the way may be gone by the time it is looked for.
    if (!passes(handle, why) && ++unexplained > MAX_UNEXPLAINED) throw why;
    if (why.code !== 'UNAVAILABLE' || Date.now() >= until) throw why;
    const pauseMs = elects(handle) ? PAUSE_MS : COPY_PAUSE_MS;
    await (isOutOfReach ? pauseWithOthers(pauseMs, until) : sleep(pauseMs));
  }
}

function passes(handle: BucketHandle, why: PackError): boolean {
  return elects(handle) || isBeingCopied(why);
}

function isBeingCopied({ details }: PackError): boolean {
  return details.being_copied === true;
}

function elects({ clustered, api, origin }: BucketHandle): boolean {
  return clustered && origin.api.prefix === api.prefix;
}
