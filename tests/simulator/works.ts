import { createRandom } from '../support/random.ts';

/** What the kvflows of a run do, each for itself and all at once. */
const KINDS = [
  'counting',
  'comparing',
  'committing',
  'locking',
  'putting',
  'stepping',
  'transferring',
  'rewriting',
  'queueing',
  'appending',
  'listing',
] as const;
export type Kind = (typeof KINDS)[number];

/** One run in so many does all. */
const WHOLE_ONE_IN = 8;
/** Drawn apart from what happens in a run: one kind more gives others no other troubles. */
const OF_WORKS = 0x3a7c;

/**
 * Which kinds of work a seed does: mostly half of them, others for each seed, so that a kind meets another without the rest in
 * between, and twice as many runs take as long. Some do all.
 */
export function worksOf(seed: number): ReadonlySet<Kind> {
  const random = createRandom(seed ^ OF_WORKS);
  const some = KINDS.filter(() => random.chance(0.5));
  return random.below(WHOLE_ONE_IN) === 0 || some.length === 0 ? ALL_WORKS : new Set(some);
}

/** All of them. */
export const ALL_WORKS: ReadonlySet<Kind> = new Set(KINDS);
