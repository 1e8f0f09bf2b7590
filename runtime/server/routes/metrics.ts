import type { FastifyPluginAsync } from 'fastify';
import { type MetricSources, metricsText } from '../metrics-text.ts';
import type { ServerParts } from '../options.ts';

/** GET /metrics: Prometheus' text format. Needs a key when there are keys: names of functions and loads are nobody else's business. */
export function metricsRoute(parts: MetricSources & Pick<ServerParts, 'metricsOfAll'>): FastifyPluginAsync {
  return async app => {
    app.get('/metrics', async (_request, reply) => {
      const text = await (parts.metricsOfAll?.() ?? metricsText(parts));
      return reply.header('content-type', parts.metrics.contentType).send(text);
    });
  };
}
