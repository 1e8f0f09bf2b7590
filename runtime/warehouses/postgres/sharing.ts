import type pg from 'pg';
import type { PoolClient } from 'pg';
import type { Call } from '../../core/call.ts';
import { beforeDeadline } from '../shared/deadline.ts';

/** A connection that statements of one call have together. */
export interface Lease {
  client: PoolClient;
  /** To be called once. One that is broken is closed when nobody has it any more. */
  release(isBroken: boolean): void;
}

/** Lends connections to calls. */
export interface Sharing {
  /**
   * The connection of this call, or one of its own from now on. Statements go to it as they come, none waiting for the
   * one before to be answered: so the server has always something to do for the call, and never does two things for it
   * at once, which then would wait for each other's locks.
   */
  lease(call: Call): Promise<Lease>;
}

interface Shared {
  client: Promise<PoolClient>;
  users: number;
  isBroken: boolean;
}

/** Over the connections of a pool. */
export function createSharing(pool: pg.Pool): Sharing {
  const held = new Map<Call, Shared>();

  function leave(call: Call, shared: Shared): boolean {
    shared.users -= 1;
    const isLast = shared.users === 0;
    if ((isLast || shared.isBroken) && held.get(call) === shared) held.delete(call);
    return isLast;
  }

  return {
    async lease(call) {
      const shared = held.get(call) ?? { client: connect(pool, call), users: 0, isBroken: false };
      held.set(call, shared);
      shared.users += 1;
      try {
        const client = await shared.client;
        return {
          client,
          release(isBroken) {
            shared.isBroken ||= isBroken;
            if (leave(call, shared)) client.release(shared.isBroken);
          },
        };
      } catch (error) {
        leave(call, shared);
        throw error;
      }
    },
  };
}

/** A connection of the pool, or DeadlineError where none becomes free in the call's time. */
export async function connect(pool: pg.Pool, call: Call): Promise<PoolClient> {
  const connecting = pool.connect();
  try {
    return await beforeDeadline(call, connecting);
  } catch (error) {
    connecting.then(client => client.release()).catch(() => undefined);
    throw error;
  }
}
