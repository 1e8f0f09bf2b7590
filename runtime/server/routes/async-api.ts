import type { FastifyPluginAsync } from 'fastify';
import { sendJson } from '../answer.ts';
import { asyncApiDocument } from '../openapi/async-api.ts';
import type { ServerParts } from '../options.ts';

/** GET /asyncapi.json: AsyncAPI 3.0 of the event streams. */
export function asyncApiRoute({ registry }: Pick<ServerParts, 'registry'>): FastifyPluginAsync {
  return async app => {
    app.get('/asyncapi.json', async (_request, reply) => {
      sendJson(reply, JSON.stringify(asyncApiDocument(registry)));
      return reply;
    });
  };
}
