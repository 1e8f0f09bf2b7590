import { session } from '../../api/session.ts';
import { createStore } from '../../lib/store.ts';

/** Changes that were captured on Live, for scripts to be tried on. */
export interface KeptCapture {
  /** Such as `orders, 12:03:04: 40 changes`. */
  name: string;
  /** A line of JSON for each. */
  text: string;
}

const MOST = 5;

/** What was kept, the latest first. It lasts as long as the page: whoever logs in next begins without. */
export const captures = createStore<readonly KeptCapture[]>([]);

/** Keeps one, in place of the oldest. */
export function keepCapture(capture: KeptCapture): void {
  captures.set([capture, ...captures.get().filter(({ name }) => name !== capture.name)].slice(0, MOST));
}

let { generation } = session.get();
session.subscribe(() => {
  const now = session.get().generation;
  if (now !== generation) captures.set([]);
  generation = now;
});
