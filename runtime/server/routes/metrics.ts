import type { FastifyPluginAsync } from 'fastify';
import type { ServerParts } from '../options.ts';

/** GET /metrics: Prometheus' text format. Needs a key when there are keys: names of functions and loads are nobody else's business. */
export function metricsRoute({ metrics }: Pick<ServerParts, 'metrics'>): FastifyPluginAsync {
  return async app => {
    app.get('/metrics', async (_request, reply) => {
      const text = await metrics.text();
      return reply.header('content-type', metrics.contentType).send(text);
    });
  };
}
