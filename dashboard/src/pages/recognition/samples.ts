import { createStore } from '../../lib/store.ts';
import { readCounts, type Sample, total } from './metrics.ts';

/** Ten minutes, at one every three seconds. */
const MAX = 200;

/** What /metrics said while the page was open, oldest first. */
export const samples = createStore<readonly Sample[]>([]);

/** Keeps an answer of /metrics. Counters that went down are those of a kvflow that was started anew. */
export function addSample(metrics: string, at: number): void {
  const seen = samples.get();
  const sample = { at, counts: readCounts(metrics) };
  const last = seen.at(-1);
  const restarted =
    last !== undefined && total(sample.counts.values()).events < total(last.counts.values()).events;
  samples.set(restarted ? [sample] : [...seen, sample].slice(-MAX));
}
