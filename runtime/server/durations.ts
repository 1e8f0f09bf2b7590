/** How long calls took, by function: a Prometheus histogram. */
export interface Durations {
  observe(name: string, seconds: number): void;
  /** Prometheus' text format. */
  text(): string;
}

interface Series {
  /** Calls up to each bound, and one more for those beyond the last. */
  counts: number[];
  sum: number;
}

const METRIC = 'kvflow_invocation_duration_seconds';
const BOUNDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Our own, because prom-client's validates and hashes labels with every observation, which is felt in batches. */
export function createDurations(): Durations {
  const all = new Map<string, Series>();
  return {
    observe(name, seconds) {
      const series = all.get(name) ?? add(name);
      const bound = boundOf(seconds);
      series.counts[bound] = (series.counts[bound] ?? 0) + 1;
      series.sum += seconds;
    },
    text: () => [...HEAD, ...[...all].flatMap(([name, series]) => linesOf(name, series)), ''].join('\n'),
  };

  function add(name: string): Series {
    const series = { counts: new Array<number>(BOUNDS.length + 1).fill(0), sum: 0 };
    all.set(name, series);
    return series;
  }
}

const HEAD = [`# HELP ${METRIC} How long invocations took, by function.`, `# TYPE ${METRIC} histogram`];

function boundOf(seconds: number): number {
  let bound = 0;
  while (bound < BOUNDS.length && seconds > (BOUNDS[bound] ?? 0)) bound++;
  return bound;
}

/** Names are those of our functions, so there is nothing to escape. */
function linesOf(name: string, { counts, sum }: Series): string[] {
  let total = 0;
  const buckets = counts.map((count, index) => {
    total += count;
    return `${METRIC}_bucket{le="${BOUNDS[index] ?? '+Inf'}",function="${name}"} ${total}`;
  });
  return [
    ...buckets,
    `${METRIC}_sum{function="${name}"} ${sum}`,
    `${METRIC}_count{function="${name}"} ${total}`,
  ];
}
