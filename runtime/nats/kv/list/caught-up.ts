import { setTimeout as sleep } from 'node:timers/promises';
import type { Call } from '../../../core/call.ts';
import type { Peer } from '../../stream-types.ts';
import type { BucketHandle } from '../bucket/handles.ts';

const TRIES = 5;
const PAUSE_MS = 5;

/**
 * Whether a server that reads a bucket for a consumer has all that was acknowledged before it was asked, as the bucket's leader says. One
 * that was away may be behind for long after it is back, and would answer what was deleted meanwhile as if it were there.
 * @param server its name; undefined: nobody said which one it is, and it is taken as it is.
 */
export async function isCaughtUp(
  call: Call,
  { clustered, config, api, stream }: BucketHandle,
  server: string | undefined,
): Promise<boolean> {
  if (!clustered || config.num_replicas === 1 || server === undefined) return true;
  let first: number | undefined;
  for (let tries = 0; tries < TRIES; tries++) {
    const { state, cluster } = await api.streamInfo(call, stream);
    const replica = cluster?.replicas?.find(({ name }) => name === server);
    first ??= state.last_seq;
    // What is written while it is looked may be on its way to it still.
    if (!replica || lagOf(replica) <= state.last_seq - first) return true;
    await sleep(PAUSE_MS * 2 ** tries);
  }
  return false;
}

/** How many entries of the leader's log it lacks. */
function lagOf({ current, active, lag = 0 }: Peer): number {
  const isUnheard = !current && !active;
  return isUnheard ? Number.POSITIVE_INFINITY : lag;
}
