import type { Random } from '../support/random.ts';

/** How often what goes wrong, as probabilities. */
export interface Troubles {
  /** A request does not arrive. */
  lostRequest: number;
  /** An answer does not arrive. */
  lostAnswer: number;
  /** An answer comes seconds late. */
  late: number;
  /** An answer comes twice. */
  doubled: number;
  /** A write that is stored is refused first, as by a leader that was deposed and does not know it. */
  deposed: number;
  /** A write finds nobody, as between two leaders. */
  nobody: number;
  /** The connection goes with a request under way, before or after it arrived. */
  cut: number;
  /** A consumer goes with its server at a pull: `nobody` answers then, or nothing does. */
  consumerLost: number;
  /** A direct get is answered by a replica that has not got the last writes yet. */
  behind: number;
}

/** Any, each of them in half of the runs. */
export function troublesOf({ next, chance }: Random): Troubles {
  const some = (most: number) => (chance(0.5) ? next() * most : 0);
  return {
    lostRequest: some(0.2),
    lostAnswer: some(0.2),
    late: some(0.2),
    doubled: some(0.3),
    deposed: some(0.2),
    nobody: some(0.2),
    cut: some(0.1),
    consumerLost: some(0.2),
    behind: some(0.5),
  };
}

/** None at all. */
export const NO_TROUBLES: Troubles = {
  lostRequest: 0,
  lostAnswer: 0,
  late: 0,
  doubled: 0,
  deposed: 0,
  nobody: 0,
  cut: 0,
  consumerLost: 0,
  behind: 0,
};
