import type { Family } from './parse.ts';

/** Every process says the same of these. */
const SHARED = new Set(['nodejs_version_info', 'process_max_fds']);
/** The worst of all says more than their sum. */
const LARGEST = /^nodejs_eventloop_lag/;
const SMALLEST = new Set(['kvflow_nats_connected', 'process_start_time_seconds']);

/**
 * The figures of several processes as those of one: counts are added up, of a delay the largest is taken, and NATS is
 * connected where it is for all.
 */
export function mergeMetrics(processes: readonly (readonly Family[])[]): Family[] {
  const merged = new Map<string, { family: Family; values: Map<string, number> }>();
  for (const family of processes.flat()) {
    const { name, type, help } = family;
    const found = merged.get(name) ?? { family: { name, type, help, samples: [] }, values: new Map() };
    merged.set(name, found);
    const add = adding(name);
    for (const { name: line, labels, value } of family.samples) {
      const at = `${line}{${labels}`;
      const before = found.values.get(at);
      found.values.set(at, before === undefined ? value : add(before, value));
    }
  }
  return [...merged.values()].map(({ family, values }) => ({
    ...family,
    samples: [...values].map(([at, value]) => {
      const brace = at.indexOf('{');
      return { name: at.slice(0, brace), labels: at.slice(brace + 1), value };
    }),
  }));
}

/** What goes on counting when a process has ended: without it a sum would fall, which Prometheus takes for a new start. */
export function countersOf(families: readonly Family[]): Family[] {
  return families.filter(({ type }) => type === 'counter' || type === 'histogram');
}

function adding(name: string): (a: number, b: number) => number {
  if (SHARED.has(name) || LARGEST.test(name)) return Math.max;
  if (SMALLEST.has(name)) return Math.min;
  return (a, b) => a + b;
}
