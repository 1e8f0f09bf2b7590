import type { FastifyPluginAsync } from 'fastify';
import { type MetricSources, metricsText } from '../metrics-text.ts';
import type { ServerParts } from '../options.ts';
import { visibleMetrics } from '../visible-metrics.ts';

/** GET /metrics: Prometheus' text format. Needs a key when there are keys: names of functions and loads are nobody else's business. Series of
 * destinations and buckets are those that the key may use. */
export function metricsRoute(parts: MetricSources & Pick<ServerParts, 'metricsOfAll'>): FastifyPluginAsync {
  return async app => {
    app.get('/metrics', async ({ principal }, reply) => {
      const text = await (parts.metricsOfAll?.() ?? metricsText(parts));
      return reply.header('content-type', parts.metrics.contentType).send(visibleMetrics(text, principal));
    });
  };
}
