import type { Nats } from '../nats/open.ts';
import { joinRefused } from './faults.ts';
import type { StartOptions } from './start-options.ts';
import { aborted } from './start-options.ts';

/** How long a NATS of NATS_URL is waited for before the server is called ready without it. */
const JOIN_WAIT_MS = 2_000;

/**
 * A NATS that refuses us will go on to: throws where it does so while it is waited for, and breaks down later. One that is not
 * there yet is tried again and again while we serve.
 */
export async function untilJoined(
  { joined }: Nats,
  { signal, fail }: Pick<StartOptions, 'signal' | 'fail'>,
): Promise<void> {
  let waiting = true;
  // Leaving before it was joined rejects as well, and means nothing.
  const refused = joined.catch(error => {
    if (signal.aborted) return;
    if (waiting) throw joinRefused(error);
    fail(joinRefused(error));
  });
  await Promise.race([refused, aborted(AbortSignal.any([signal, AbortSignal.timeout(JOIN_WAIT_MS)]))]);
  waiting = false;
}
