import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { createDurations } from './durations.ts';

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

type Tally = Map<string, number>;

/** Makes the counts, in a registry of their own: several servers may run in one process. */
export function createMetrics(): Metrics {
  const register = new Registry();
  const durations = createDurations();
  const invocations = new Map<string, Tally>();
  const refusals: Tally = new Map();
  let inFlight = 0;
  collectDefaultMetrics({ register });
  invocationCounter(register, invocations);
  refusalCounter(register, refusals);
  inFlightGauge(register, () => inFlight);
  return {
    started: () => void inFlight++,
    ended(name, code, ms) {
      inFlight--;
      const codes = invocations.get(name);
      if (codes) count(codes, code);
      else invocations.set(name, new Map([[code, 1]]));
      durations.observe(name, ms / 1_000);
    },
    refused: code => count(refusals, code),
    text: async () => `${await register.metrics()}\n${durations.text()}`,
    contentType: register.contentType,
  };
}

function count(tally: Tally, code: string): void {
  tally.set(code, (tally.get(code) ?? 0) + 1);
}

/** Takes over what was counted only when asked: prom-client hashes labels with every step. */
function invocationCounter(register: Registry, invocations: Map<string, Tally>): void {
  new Counter({
    name: 'kvflow_invocations_total',
    help: 'Invocations that ended, by function and error code (OK: none).',
    labelNames: ['function', 'code'],
    registers: [register],
    collect() {
      this.reset();
      for (const [name, codes] of invocations) {
        for (const [code, total] of codes) this.inc({ function: name, code }, total);
      }
    },
  });
}

function refusalCounter(register: Registry, refusals: Tally): void {
  new Counter({
    name: 'kvflow_http_refused_total',
    help: 'Requests refused before they became an invocation, by error code.',
    labelNames: ['code'],
    registers: [register],
    collect() {
      this.reset();
      for (const [code, total] of refusals) this.inc({ code }, total);
    },
  });
}

function inFlightGauge(register: Registry, inFlight: () => number): void {
  new Gauge({
    name: 'kvflow_invocations_in_flight',
    help: 'Invocations that are running.',
    registers: [register],
    collect() {
      this.set(inFlight());
    },
  });
}
