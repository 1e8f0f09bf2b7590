import type { FastifyPluginAsync } from 'fastify';
import { flowsMetricsText } from '../flows-metrics.ts';
import type { ServerParts } from '../options.ts';
import { recognitionMetricsText } from '../recognition-metrics.ts';
import { scriptMetricsText } from '../script-metrics.ts';

/** GET /metrics: Prometheus' text format. Needs a key when there are keys: names of functions and loads are nobody else's business. */
export function metricsRoute({
  metrics,
  scriptStats,
  recognition,
  flows,
}: Pick<ServerParts, 'metrics' | 'scriptStats' | 'recognition' | 'flows'>): FastifyPluginAsync {
  return async app => {
    app.get('/metrics', async (_request, reply) => {
      const [own, figures] = await Promise.all([metrics.text(), recognition?.()]);
      const text = `${own}${scriptMetricsText(scriptStats?.())}${recognitionMetricsText(figures)}${flowsMetricsText(flows?.())}`;
      return reply.header('content-type', metrics.contentType).send(text);
    });
  };
}
