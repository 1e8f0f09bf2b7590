import type { FastifyPluginAsync } from 'fastify';
import type { ManifestFunction } from '../../core/manifest.ts';
import { callableBy, requireCallable } from '../../core/visibility.ts';
import { sendJson } from '../answer.ts';
import type { ServerParts } from '../options.ts';

/** GET /functions and GET /functions/{name}: what the caller may call, and how. */
export function functionRoutes({ registry }: Pick<ServerParts, 'registry'>): FastifyPluginAsync {
  return async app => {
    app.get('/functions', async (request, reply) => {
      sendJson(reply, JSON.stringify({ functions: callableBy(request.principal, registry).map(summary) }));
      return reply;
    });
    app.get<{ Params: { name: string } }>('/functions/:name', async (request, reply) => {
      sendJson(reply, JSON.stringify(requireCallable(request.principal, registry, request.params.name)));
      return reply;
    });
  };
}

function summary({ name, title, description, category, annotations }: ManifestFunction) {
  return { name, title, description, category, annotations };
}
