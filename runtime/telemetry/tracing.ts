import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { SpanAbout, Tracing } from '../core/trace.ts';
import { type Env, resourceAttributes } from './resource-attributes.ts';

/** A tracing that sends its spans away. */
export interface RunningTracing extends Tracing {
  /** Sends what is left, for at most a few seconds. */
  close(): Promise<void>;
}

const KINDS = { server: SpanKind.SERVER, client: SpanKind.CLIENT, consumer: SpanKind.CONSUMER };
const LAST_SEND_MS = 3_000;
const TRACEPARENT = 'traceparent';

/**
 * Sends spans over OTLP/HTTP, as the standard `OTEL_*` variables say (OpenTelemetry Environment Variable Specification): the
 * exporter and the sampler read theirs themselves.
 */
export function createTracing(env: Env, version: string): RunningTracing {
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes(resourceAttributes(env, version)),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  provider.register();
  const tracer = provider.getTracer('kvflow', version);
  return { begin, current, bind, close };

  function begin({ name, kind, attributes = {} }: SpanAbout, parent?: string) {
    const above = parent === undefined ? context.active() : extracted(parent);
    const span = tracer.startSpan(name, { kind: kind ? KINDS[kind] : SpanKind.INTERNAL, attributes }, above);
    const within = trace.setSpan(above, span);
    return {
      run: <T>(work: () => T): T => context.with(within, work),
      end: (failure?: string) => {
        if (failure !== undefined) {
          span.setAttribute('error.type', failure);
          span.setStatus({ code: SpanStatusCode.ERROR, message: failure });
        }
        span.end();
      },
    };
  }

  function current(): string | undefined {
    const carrier: Record<string, string> = {};
    propagation.inject(context.active(), carrier);
    return carrier[TRACEPARENT];
  }

  function bind<Args extends unknown[], Result>(work: (...args: Args) => Result) {
    return context.bind(context.active(), work);
  }

  async function close(): Promise<void> {
    const ended = provider.shutdown().catch(() => undefined);
    await Promise.race([ended, new Promise(resolve => setTimeout(resolve, LAST_SEND_MS).unref())]);
  }
}

function extracted(parent: string) {
  return propagation.extract(ROOT_CONTEXT, { [TRACEPARENT]: parent });
}
