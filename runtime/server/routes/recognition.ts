import type { FastifyPluginAsync } from 'fastify';
import { type MetricSources, metricsText } from '../metrics-text.ts';
import type { ServerParts } from '../options.ts';
import { recognitionStatus } from '../recognition-status.ts';
import { visibleMetrics } from '../visible-metrics.ts';

/** GET /recognition: what recognition has counted since the start, by destination that the key may use, for pages that ask again and again. */
export function recognitionRoute(
  parts: MetricSources & Pick<ServerParts, 'metricsOfAll'>,
): FastifyPluginAsync {
  return async app => {
    app.get('/recognition', async request => {
      const text = await (parts.metricsOfAll?.() ?? metricsText(parts));
      return { destinations: recognitionStatus(visibleMetrics(text, request.principal)) };
    });
  };
}
