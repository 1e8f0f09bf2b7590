import type { FastifyPluginAsync } from 'fastify';
import { callableBy } from '../../core/visibility.ts';
import { sendJson } from '../answer.ts';
import { openApiDocument } from '../openapi/document.ts';
import type { ServerParts } from '../options.ts';

/** GET /openapi.json: OpenAPI 3.1 of what the caller may call. */
export function openApiRoute({ registry }: Pick<ServerParts, 'registry'>): FastifyPluginAsync {
  return async app => {
    app.get('/openapi.json', async ({ principal }, reply) => {
      sendJson(reply, JSON.stringify(openApiDocument(registry.version, callableBy(principal, registry))));
      return reply;
    });
  };
}
