/** The counters of recognition, as GET /recognition tells them. */
import type { RecognitionCounts } from '../../../../contract/recognition-counts.ts';
import { noRecognitionCounts, RECOGNITION_NUMBERS } from '../../../../contract/recognition-counts.ts';

/** Counts of one destination. */
export type Counts = RecognitionCounts;

/** Counts by destination at one moment, in milliseconds since 1970. */
export interface Sample {
  at: number;
  counts: Map<string, Counts>;
}

/** Adds up the counts of several destinations. */
export function total(all: Iterable<Counts>): Counts {
  const sum = noRecognitionCounts();
  for (const counts of all) {
    for (const field of RECOGNITION_NUMBERS) sum[field] += counts[field];
    sum.amend.count += counts.amend.count;
    sum.amend.seconds += counts.amend.seconds;
    counts.amend.within.forEach(([bound, count], index) => {
      sum.amend.within[index] = [bound, (sum.amend.within[index]?.[1] ?? 0) + count];
    });
  }
  return sum;
}

/** A point of the charts: events in each second since the point before. */
export interface Point {
  time: string;
  anonymous: number;
  identified: number;
  recognized: number;
  late: number;
  robots: number;
  /** Milliseconds that the warehouse took on average; null where nothing was amended. */
  average: number | null;
  /** Nineteen of twenty took at most so many. */
  most: number | null;
}

/** What happened between samples, of one destination or of all. */
export function pointsOf(samples: readonly Sample[], destination: string | undefined): Point[] {
  const points: Point[] = [];
  for (const [index, sample] of samples.entries()) {
    const before = samples[index - 1];
    if (!before) continue;
    points.push(pointOf(before, sample, destination));
  }
  return points;
}

/** Calls that wait, at each sample, by destination. */
export function pendingOf(samples: readonly Sample[]): Record<string, string | number>[] {
  return samples.map(({ at, counts }) => ({
    time: clock(at),
    ...Object.fromEntries([...counts].map(([name, { pending }]) => [name, pending])),
  }));
}

function pointOf(before: Sample, now: Sample, destination: string | undefined): Point {
  const [a, b] = [countsOf(before, destination), countsOf(now, destination)];
  const seconds = Math.max(0.001, (now.at - before.at) / 1_000);
  const rate = (field: 'anonymous' | 'identified' | 'recognized' | 'late' | 'bots') =>
    Math.round((Math.max(0, b[field] - a[field]) / seconds) * 100) / 100;
  const amended = b.amend.count - a.amend.count;
  return {
    time: clock(now.at),
    anonymous: rate('anonymous'),
    identified: rate('identified'),
    recognized: rate('recognized'),
    late: rate('late'),
    robots: rate('bots'),
    average: amended > 0 ? Math.round(((b.amend.seconds - a.amend.seconds) / amended) * 10_000) / 10 : null,
    most: amended > 0 ? boundOf(a, b, amended * 0.95) : null,
  };
}

/** Milliseconds of the first bound that so many of the new amendments are below. */
function boundOf(a: Counts, b: Counts, wanted: number): number | null {
  const before = new Map(a.amend.within);
  const found = b.amend.within.find(([bound, count]) => count - (before.get(bound) ?? 0) >= wanted);
  return found ? found[0] * 1_000 : null;
}

function countsOf({ counts }: Sample, destination: string | undefined): Counts {
  return destination === undefined
    ? total(counts.values())
    : (counts.get(destination) ?? noRecognitionCounts());
}

function clock(at: number): string {
  return new Date(at).toLocaleTimeString('en-GB');
}
