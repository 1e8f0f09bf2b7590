import type { FastifyPluginAsync } from 'fastify';
import { flowsMetricsText } from '../flows-metrics.ts';
import { natsMetricsText } from '../nats-metrics.ts';
import type { ServerParts } from '../options.ts';
import { recognitionMetricsText } from '../recognition-metrics.ts';
import { scriptMetricsText } from '../script-metrics.ts';
import { storeMetricsText } from '../store-metrics.ts';

/** GET /metrics: Prometheus' text format. Needs a key when there are keys: names of functions and loads are nobody else's business. */
export function metricsRoute({
  metrics,
  scriptStats,
  recognition,
  flows,
  stores,
  nats,
}: Pick<
  ServerParts,
  'metrics' | 'scriptStats' | 'recognition' | 'flows' | 'stores' | 'nats'
>): FastifyPluginAsync {
  return async app => {
    app.get('/metrics', async (_request, reply) => {
      const [own, figures] = await Promise.all([metrics.text(), recognition?.()]);
      const text = [
        own,
        natsMetricsText(nats?.()),
        scriptMetricsText(scriptStats?.()),
        recognitionMetricsText(figures),
        flowsMetricsText(flows?.()),
        storeMetricsText(stores?.()),
      ].join('');
      return reply.header('content-type', metrics.contentType).send(text);
    });
  };
}
