import { setTimeout as sleep } from 'node:timers/promises';
import type { Call } from '../../../core/call.ts';
import { isConsumerLimit } from '../../errors.ts';
import type { Requests } from '../../requests.ts';

/** The server has ended what was given up by then, mostly; milliseconds. */
const PAUSE_MS = 50;
const MAX_TRIES = 4;

/** What of each connection gives up consumers; whether it had any. */
const keepers = new WeakMap<Requests, Set<() => boolean>>();

/** Names who keeps consumers that only make a later call cheaper, and gives them up where another is needed. */
export function keepsConsumers(requests: Requests, giveUp: () => boolean): void {
  const all = keepers.get(requests) ?? new Set();
  keepers.set(requests, all.add(giveUp));
}

/**
 * Makes a consumer. A stream has 1,000 at most where nobody says otherwise (nats-server 2.15), and those that processes keep between
 * two pages, or left when they were killed, are among them: where there are too many, those of this process are given up.
 */
export async function withRoom<T>(call: Call, requests: Requests, make: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await make();
    } catch (error) {
      if (!isConsumerLimit(error) || tries === MAX_TRIES || Date.now() >= call.deadline) throw error;
      const gave = [...(keepers.get(requests) ?? [])].map(giveUp => giveUp());
      // Another call of this process may have given them up just now.
      if (tries > 1 && !gave.includes(true)) throw error;
      await sleep(PAUSE_MS * tries);
    }
  }
}
