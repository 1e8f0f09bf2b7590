import type { Family } from '../core/metrics/parse.ts';
import { setTracing } from '../core/trace.ts';

/** Environment variables by name. */
type Env = Readonly<Record<string, string | undefined>>;

/**
 * Starts to send traces where one of the standard variables asks for it; the SDK is loaded only then. Answers what ends it.
 * `OTEL_SDK_DISABLED=true` and `OTEL_TRACES_EXPORTER=none` say no.
 */
export async function startTelemetry(env: Env, version: string): Promise<(() => Promise<void>) | undefined> {
  if (!wants(env, 'TRACES')) return undefined;
  const { createTracing } = await import('../telemetry/tracing.ts');
  const tracing = createTracing(env, version);
  setTracing(tracing);
  return async () => {
    setTracing(undefined);
    await tracing.close();
  };
}

/** The same for metrics (`OTEL_METRICS_EXPORTER`): `figures` are what `/metrics` shows. */
export async function startMetrics(
  env: Env,
  version: string,
  figures: () => Promise<readonly Family[]>,
): Promise<(() => Promise<void>) | undefined> {
  if (!wants(env, 'METRICS')) return undefined;
  const { sendMetrics } = await import('../telemetry/metrics.ts');
  return sendMetrics(env, version, figures).close;
}

function wants(env: Env, signal: 'TRACES' | 'METRICS'): boolean {
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === 'true') return false;
  const exporters = env[`OTEL_${signal}_EXPORTER`]?.split(',').map(name => name.trim()) ?? [];
  if (exporters.length > 0) return exporters.includes('otlp');
  return Boolean(env.OTEL_EXPORTER_OTLP_ENDPOINT || env[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`]);
}
