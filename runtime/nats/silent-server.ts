import { setTimeout as sleep } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/transport-node';

/** A server that answers requests answers a ping at once: one that says nothing for so long hangs; milliseconds. */
const PONG_MS = 1_000;
/** Where this process itself stood still, what came meanwhile is read first. */
const READ_MS = 50;
/** A link slower than this is not waited for; bytes in a millisecond (half a megabit in a second). */
const SLOW_LINK = 64;

/**
 * Looks whether the server of a connection hangs, when a request was not answered: one that is frozen, or whose machine is gone, breaks no
 * connection. Where it does not answer a ping either it is left for another. One look at a time.
 *
 * A ping waits behind what is still being sent, so a server is given the time that what it has not answered takes over a slow link, and one
 * that anything came from since does not hang.
 * @param hasOthers whether there are other servers to go to, beside those that the server tells of.
 * @returns looks at the server of a connection; `unanswered` says how many bytes it has been sent and not answered yet.
 */
export function createSilentServer(
  hasOthers: boolean,
): (connection: NatsConnection, unanswered: () => number) => void {
  let isLooking = false;
  return (connection, unanswered) => {
    if (isLooking || !(hasOthers || knowsOthers(connection))) return;
    isLooking = true;
    look(connection, unanswered)
      // While it is closed there is nothing to leave.
      .catch(() => undefined)
      .finally(() => {
        isLooking = false;
      });
  };
}

async function look(connection: NatsConnection, unanswered: () => number): Promise<void> {
  const since = Date.now();
  const { inMsgs } = connection.stats();
  let answered = false;
  const isHeard = () => answered || connection.stats().inMsgs !== inMsgs;
  const ponged = connection.flush().then(
    () => {
      answered = true;
    },
    // It is lost by now, which the connection sees to itself.
    () => {
      answered = true;
    },
  );
  do await Promise.race([ponged, sleep(PONG_MS)]);
  while (!isHeard() && Date.now() - since < unanswered() / SLOW_LINK);
  if (!isHeard()) await Promise.race([ponged, sleep(READ_MS)]);
  if (!isHeard() && !connection.isClosed()) await connection.reconnect();
}

/** The servers of a cluster tell clients of each other. */
function knowsOthers({ info }: NatsConnection): boolean {
  return (info?.connect_urls?.length ?? 0) > 1;
}
