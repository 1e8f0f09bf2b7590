import { setTimeout as sleep } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/transport-node';
import type { NatsSettings, ServerLocation } from './nats-settings.ts';

/** A server that may come back at another address. */
export interface Locator {
  /** Where it was last seen. */
  here(): ServerLocation;
  /** Asks again where it is. */
  look(): Promise<void>;
  /** Whether the connection leads to it, and not to whichever server has taken its port. */
  isOurs(connection: NatsConnection): boolean;
  /** Keeps the connection's address right for as long as it is open: whenever it is lost. */
  follow(connection: NatsConnection): Promise<void>;
}

const LOOK_EVERY_MS = 250;

/** The locator of a server that {@link NatsSettings.locate} finds; undefined where there is none and it stays where it is. */
export function createLocator(settings: NatsSettings): Locator | undefined {
  const { locate, servers, user = '', password = '' } = settings;
  if (!locate) return undefined;
  let last: ServerLocation = { servers, user, password };

  const look = async (): Promise<void> => {
    // A file that cannot be read just now says nothing new.
    last = (await locate().catch(() => undefined)) ?? last;
  };
  const follow = async (nc: NatsConnection): Promise<void> => {
    let lost = false;
    for await (const { type } of nc.status()) {
      if (type === 'reconnect') {
        lost = false;
        // A stranger's: away from it, and on with the search.
        if (!isOurs(nc)) await nc.reconnect().catch(() => undefined);
      }
      if (type !== 'disconnect' || lost) continue;
      lost = true;
      void search(nc, () => lost);
    }
  };
  const search = async (nc: NatsConnection, isLost: () => boolean): Promise<void> => {
    for (; isLost() && !nc.isClosed(); await sleep(LOOK_EVERY_MS, undefined, { ref: false })) {
      await look();
      if (isLost() && !nc.isClosed()) nc.setServers(last.servers);
    }
  };
  return { here: () => last, look, isOurs, follow };
}

/** Kvflow's own servers ask everybody for a password. One that does not takes any, ours as well, and keeps nothing of ours. */
function isOurs({ info }: NatsConnection): boolean {
  return info?.auth_required === true;
}
