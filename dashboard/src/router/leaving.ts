import { createStore } from '../lib/store.ts';

/** A wish to leave the page that waits for an answer. */
export interface Leaving {
  /** What is not saved. */
  what: string;
  go(): void;
}

/** Set while the question is shown. */
export const leaving = createStore<Leaving | undefined>(undefined);

const holds = new Set<{ what: string }>();

/** From now on leaving asks first; the returned function ends that. */
export function holdNavigation(what: string): () => void {
  const hold = { what };
  holds.add(hold);
  return () => void holds.delete(hold);
}

/** Goes at once where nothing would be lost, else when the question was answered so. */
export function leave(go: () => void): void {
  const [hold] = holds;
  if (hold) leaving.set({ what: hold.what, go });
  else go();
}
