import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Counts of one server. */
export interface Metrics {
  /** One invocation has begun. */
  started(): void;
  /** It ended: `OK` or its error code, and how long it took. */
  ended(name: string, code: string, ms: number): void;
  /** A request was refused before it became an invocation. */
  refused(code: string): void;
  /** Prometheus' text format. */
  text(): Promise<string>;
  readonly contentType: string;
}

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Makes the counts, in a registry of their own: several servers may run in one process. */
export function createMetrics(): Metrics {
  const register = new Registry();
  const registers = [register];
  collectDefaultMetrics({ register });
  const invocations = new Counter({
    name: 'kvflow_invocations_total',
    help: 'Invocations that ended, by function and error code (OK: none).',
    labelNames: ['function', 'code'],
    registers,
  });
  const durations = new Histogram({
    name: 'kvflow_invocation_duration_seconds',
    help: 'How long invocations took, by function.',
    labelNames: ['function'],
    buckets: SECONDS,
    registers,
  });
  const refusals = new Counter({
    name: 'kvflow_http_refused_total',
    help: 'Requests refused before they became an invocation, by error code.',
    labelNames: ['code'],
    registers,
  });
  let inFlight = 0;
  new Gauge({
    name: 'kvflow_invocations_in_flight',
    help: 'Invocations that are running.',
    registers,
    collect() {
      this.set(inFlight);
    },
  });
  // Looking a child up by its labels costs more than counting with it.
  const childrenOf = memoize((name: string) => ({
    byCode: memoize((code: string) => invocations.labels(name, code)),
    duration: durations.labels(name),
  }));
  return {
    started: () => void inFlight++,
    ended(name, code, ms) {
      inFlight--;
      const children = childrenOf(name);
      children.byCode(code).inc();
      children.duration.observe(ms / 1_000);
    },
    refused: code => refusals.inc({ code }),
    text: () => register.metrics(),
    contentType: register.contentType,
  };
}

function memoize<T>(make: (id: string) => T): (id: string) => T {
  const made = new Map<string, T>();
  return id => {
    const known = made.get(id);
    if (known !== undefined) return known;
    const one = make(id);
    made.set(id, one);
    return one;
  };
}
