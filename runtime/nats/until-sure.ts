import type { Listener } from './pending-requests.ts';
import type { AskOptions } from './request-options.ts';

/**
 * Waits, of what was sent again and is refused, for the answers to all that was sent: a server that is only busy, or far away, answers
 * each. They come in the order in which it was sent: where the first is another's, the first one's is lost, and what it said is not known.
 */
export function untilSure({ is, sure }: NonNullable<AskOptions['refusal']>): Listener {
  let refused = 0;
  return (msg, { nth, times } = { nth: 1, times: 1 }) => {
    refused += 1;
    if (!is(msg) || nth !== refused) return true;
    if (refused < times) return false;
    sure();
    return true;
  };
}
