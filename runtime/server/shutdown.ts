import { Server as NetServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';

/** The orderly end of a server. */
export interface Shutdown {
  /** True from the moment that {@link Shutdown.close} was called. */
  draining(): boolean;
  close(): Promise<void>;
}

/** A client that got its last answer just now may be sending its next request already: it gets this long. */
const LINGER_MS = 100;
const POLL_MS = 20;

/**
 * Closes in four steps: no new connections; every answer from now on says `connection: close`; idle connections end;
 * after the grace period what still runs is cut off.
 */
export function createShutdown(app: FastifyInstance, graceMs: number): Shutdown {
  let closing: Promise<void> | undefined;
  return { draining: () => closing !== undefined, close };

  function close(): Promise<void> {
    closing ??= drain();
    return closing;
  }

  async function drain(): Promise<void> {
    // Now, not in the next tick: close() is to have begun when it returns.
    const ended = app.server.listening ? stopAccepting(app) : Promise.resolve();
    await Promise.race([ended, sleep(LINGER_MS)]);
    const poll = setInterval(() => app.server.closeIdleConnections(), POLL_MS);
    const limit = new AbortController();
    await Promise.race([ended, sleep(graceMs, undefined, { signal: limit.signal }).catch(() => undefined)]);
    limit.abort();
    clearInterval(poll);
    app.server.closeAllConnections();
    await app.close();
  }
}

/** http.Server.close would cut idle connections at once, and with them requests that are on their way. */
function stopAccepting(app: FastifyInstance): Promise<void> {
  return new Promise(resolve => void NetServer.prototype.close.call(app.server, () => resolve()));
}
