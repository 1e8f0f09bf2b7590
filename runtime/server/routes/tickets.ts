import type { FastifyPluginAsync } from 'fastify';
import { success } from '../../core/envelope.ts';
import { WATCH } from '../../core/open.ts';
import { requireCallable } from '../../core/visibility.ts';
import { sendEnvelope } from '../answer.ts';
import type { ServerParts } from '../options.ts';

const PATIENCE_MS = 5_000;

/** POST /tickets: what opens one watch in place of the caller's key, so that no key stands in an address. */
export function ticketsRoute({
  access,
  registry,
  tickets,
}: Pick<ServerParts, 'access' | 'registry' | 'tickets'>): FastifyPluginAsync {
  return async app => {
    app.post('/tickets', async ({ principal }, reply) => {
      await access.spend(principal, 1);
      requireCallable(principal, registry, WATCH);
      const answer = await tickets.issue({ deadline: Date.now() + PATIENCE_MS }, principal.name);
      // Whoever has it has the key's rights to watch.
      reply.header('cache-control', 'no-store');
      sendEnvelope(reply, success(answer));
      return reply;
    });
  };
}
