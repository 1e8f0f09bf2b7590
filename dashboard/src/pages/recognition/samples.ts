import { createStore } from '../../lib/store.ts';
import { type Counts, type Sample, total } from './counts.ts';

/** Ten minutes, at one every five seconds. */
const MAX = 120;

/** What was counted while the page was open, oldest first. */
export const samples = createStore<readonly Sample[]>([]);

/** Keeps an answer of /recognition. Counters that went down are those of a kvflow that was started anew. */
export function addSample(destinations: Record<string, Counts>, at: number): void {
  const seen = samples.get();
  const sample = { at, counts: new Map(Object.entries(destinations)) };
  const last = seen.at(-1);
  const restarted =
    last !== undefined && total(sample.counts.values()).events < total(last.counts.values()).events;
  samples.set(restarted ? [sample] : [...seen, sample].slice(-MAX));
}
