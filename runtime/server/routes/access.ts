import type { FastifyPluginAsync } from 'fastify';
import { sendJson } from '../answer.ts';
import type { ServerParts } from '../options.ts';

/** GET /access: who the caller is to this server and what it may do, so that a page can say so before a call is refused. */
export function accessRoute({
  access,
  registry,
}: Pick<ServerParts, 'access' | 'registry'>): FastifyPluginAsync {
  return async app => {
    app.get('/access', async ({ principal }, reply) => {
      const { name, functions, buckets, readOnly } = principal;
      const answer = {
        name,
        read_only: readOnly,
        functions,
        buckets,
        keys_required: access.required(),
        version: registry.version,
      };
      sendJson(reply, JSON.stringify(answer));
      return reply;
    });
  };
}
