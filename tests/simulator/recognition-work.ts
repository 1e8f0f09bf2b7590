/** Generated histories of visitors, given to identify through several kvflows on a NATS that has troubles, against the oracle of its rule. */

import type { Destination } from '../../runtime/core/destinations.ts';
import type { Verdict } from '../faults/check.ts';
import { play } from '../model/recognition/play.ts';
import type { World } from '../model/recognition/world.ts';
import type { SimulatedKvflow } from './run.ts';

/** Plays the history of a seed. What a kvflow leaves unfinished the others finish, as they do for one that was killed. */
export async function recognizing(
  kvflows: readonly SimulatedKvflow[],
  destination: Destination,
  seed: number,
): Promise<Verdict['wrong']> {
  const world: World = {
    kvflows: kvflows as never as World['kvflows'],
    destination,
    table: 'simulated',
    more: {},
    // Nothing but NATS fails here; but what was under way then is sent again, and left to be finished.
    faults: { oneIn: Number.POSITIVE_INFINITY },
  };
  const found = await play(world, seed);
  return found ? [`rows of seed ${seed} ${found.when}: ${JSON.stringify(found)}`] : [];
}
