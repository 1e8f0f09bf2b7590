import type { FastifyPluginAsync } from 'fastify';
import type { ServerParts } from '../options.ts';
import { scriptMetricsText } from '../script-metrics.ts';

/** GET /metrics: Prometheus' text format. Needs a key when there are keys: names of functions and loads are nobody else's business. */
export function metricsRoute({
  metrics,
  scriptStats,
}: Pick<ServerParts, 'metrics' | 'scriptStats'>): FastifyPluginAsync {
  return async app => {
    app.get('/metrics', async (_request, reply) => {
      const text = `${await metrics.text()}${scriptMetricsText(scriptStats?.())}`;
      return reply.header('content-type', metrics.contentType).send(text);
    });
  };
}
