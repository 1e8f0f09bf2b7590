/** Counts of one destination since the process began; `none` is the one of calls without a destination. */
export interface DestinationStats {
  /** Events of calls, whatever became of them. */
  total: number;
  anonymous: number;
  identified: number;
  bots: number;
  /** Anonymous events of visitors that were known already. */
  late: number;
  /** Remembered events that got an identity. */
  recognized: number;
  /** Rows that the warehouse changed. */
  amended: number;
  /** Events that could not be stored. */
  failed: number;
  /** From reading what is remembered to the warehouse's confirmation, for up to 1,000 rows. */
  amendSeconds: Histogram;
}

/** Observations by upper bound, cumulative as Prometheus wants them. */
export interface Histogram {
  /** One for each of {@link AMEND_BOUNDS}. */
  buckets: number[];
  count: number;
  sum: number;
}

/** Upper bounds of {@link Histogram}, in seconds. */
export const AMEND_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Counts by destination. */
export type StatsSnapshot = ReadonlyMap<string, DestinationStats>;

/** What is counted in. */
export interface Stats {
  of(destination: string | undefined): DestinationStats;
  snapshot(): StatsSnapshot;
}

/** Makes the counts. */
export function createStats(): Stats {
  const all = new Map<string, DestinationStats>();
  return {
    of(destination = 'none') {
      let stats = all.get(destination);
      if (!stats) {
        stats = zero();
        all.set(destination, stats);
      }
      return stats;
    },
    snapshot: () => all,
  };
}

/** Counts one observation. */
export function observe(histogram: Histogram, seconds: number): void {
  histogram.count += 1;
  histogram.sum += seconds;
  AMEND_BOUNDS.forEach((bound, index) => {
    if (seconds <= bound) histogram.buckets[index] = (histogram.buckets[index] ?? 0) + 1;
  });
}

function zero(): DestinationStats {
  return {
    total: 0,
    anonymous: 0,
    identified: 0,
    bots: 0,
    late: 0,
    recognized: 0,
    amended: 0,
    failed: 0,
    amendSeconds: { buckets: AMEND_BOUNDS.map(() => 0), count: 0, sum: 0 },
  };
}
