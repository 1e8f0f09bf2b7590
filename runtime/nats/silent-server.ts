import { setTimeout as sleep } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/transport-node';

/** A server that answers requests answers a ping at once: one that says nothing for so long hangs; milliseconds. */
const PONG_MS = 1_000;
/** Where this process itself stood still, what came meanwhile is read first. */
const READ_MS = 50;

/**
 * Looks whether the server of a connection hangs, when a request was not answered: one that is frozen, or whose machine is gone, breaks no
 * connection. Where it does not answer a ping either it is left for another. One look at a time.
 * @param hasOthers whether there are other servers to go to, beside those that the server tells of.
 */
export function createSilentServer(hasOthers: boolean): (connection: NatsConnection) => void {
  let isLooking = false;
  return connection => {
    if (isLooking || !(hasOthers || knowsOthers(connection))) return;
    isLooking = true;
    void look(connection).finally(() => {
      isLooking = false;
    });
  };
}

async function look(connection: NatsConnection): Promise<void> {
  let answered = false;
  const ponged = connection.flush().then(
    () => {
      answered = true;
    },
    // It is lost by now, which the connection sees to itself.
    () => {
      answered = true;
    },
  );
  await Promise.race([ponged, sleep(PONG_MS)]);
  if (!answered) await Promise.race([ponged, sleep(READ_MS)]);
  if (!answered && !connection.isClosed()) await connection.reconnect();
}

/** The servers of a cluster tell clients of each other. */
function knowsOthers({ info }: NatsConnection): boolean {
  return (info?.connect_urls?.length ?? 0) > 1;
}
