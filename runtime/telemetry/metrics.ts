import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { MetricProducer } from '@opentelemetry/sdk-metrics';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import type { Family } from '../core/metrics/parse.ts';
import { dataOf } from './metric-data.ts';
import { type Env, resourceAttributes } from './resource-attributes.ts';

/** Metrics that are sent away every so often. */
export interface RunningMetrics {
  /** Sends the last figures, for at most a few seconds. */
  close(): Promise<void>;
}

const EVERY_MS = 60_000;
const LAST_SEND_MS = 3_000;

/**
 * Sends what `/metrics` shows over OTLP/HTTP, under the same names, every `OTEL_METRIC_EXPORT_INTERVAL` milliseconds (60,000). The
 * exporter reads its own variables itself (OpenTelemetry Environment Variable Specification).
 */
export function sendMetrics(
  env: Env,
  version: string,
  collect: () => Promise<readonly Family[]>,
): RunningMetrics {
  const resource = resourceFromAttributes(resourceAttributes(env, version));
  const began = Date.now();
  const producer: MetricProducer = {
    collect: async () => {
      const families = await collect();
      const metrics = families.flatMap(family => dataOf(family, { began, now: Date.now() }));
      const scope = { name: 'kvflow', version };
      return { resourceMetrics: { resource, scopeMetrics: [{ scope, metrics }] }, errors: [] };
    },
  };
  const reader = new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter(),
    exportIntervalMillis: Number(env.OTEL_METRIC_EXPORT_INTERVAL) || EVERY_MS,
    exportTimeoutMillis: Math.min(30_000, Number(env.OTEL_METRIC_EXPORT_INTERVAL) || EVERY_MS),
    metricProducers: [producer],
  });
  const provider = new MeterProvider({ resource, readers: [reader] });
  return {
    close: async () => {
      const ended = provider.shutdown().catch(() => undefined);
      await Promise.race([ended, new Promise(resolve => setTimeout(resolve, LAST_SEND_MS).unref())]);
    },
  };
}
