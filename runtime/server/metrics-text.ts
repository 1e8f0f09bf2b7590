import { flowsMetricsText } from './flows-metrics.ts';
import type { Metrics } from './metrics.ts';
import { natsMetricsText } from './nats-metrics.ts';
import type { ServerOptions } from './options.ts';
import { recognitionMetricsText } from './recognition-metrics.ts';
import { scriptMetricsText } from './script-metrics.ts';
import { storeMetricsText } from './store-metrics.ts';
import { workerMetricsText } from './worker-metrics.ts';

/** Where the figures of one process come from; what is not given is left out. */
export type MetricSources = { metrics: Metrics } & Pick<
  ServerOptions,
  'scriptStats' | 'recognition' | 'flows' | 'stores' | 'nats' | 'workers'
>;

/** What one process counts, in Prometheus' text format. */
export async function metricsText({
  metrics,
  scriptStats,
  recognition,
  flows,
  stores,
  nats,
  workers,
}: MetricSources): Promise<string> {
  const [own, figures, status] = await Promise.all([metrics.text(), recognition?.(), flows?.()]);
  return [
    own,
    natsMetricsText(nats?.()),
    scriptMetricsText(scriptStats?.()),
    recognitionMetricsText(figures),
    flowsMetricsText(status),
    storeMetricsText(stores?.()),
    workerMetricsText(workers?.()),
  ].join('');
}
