/** Generated histories of visitors, given to identify through several kvflows, against the oracle of its rule. */
import type { MisfitPolicy } from '../../runtime/warehouses/shared/misfits.ts';
import { check } from '../faults/check.ts';
import { nothingObserved } from '../faults/observed.ts';
import { partsThatFail } from '../model/recognition/failing.ts';
import { randomOf } from '../model/recognition/history.ts';
import { play } from '../model/recognition/play.ts';
import type { World } from '../model/recognition/world.ts';
import type { Random } from '../support/random.ts';
import type { Clock } from './clock.ts';
import type { Counts } from './counts.ts';
import { join } from './kvflow.ts';
import { simulateNats } from './nats.ts';
import type { Run, Work } from './outcome.ts';
import { fingerprintOf } from './outcome.ts';
import { sqliteHere } from './sqlite-here.ts';
import type { Troubles } from './troubles.ts';
import { NO_TROUBLES, troublesOf } from './troubles.ts';

/** How a history is played. */
interface Histories {
  kvflows: number;
  troubles: (random: Random) => Troubles;
  /** One in so many steps of recognition fails; 0: none. */
  oneIn: number;
  /** Events have values that their column does not take, with which this is done. */
  policy?: MisfitPolicy;
}

/** Nothing but NATS fails; but what was under way then is sent again, and left to be finished by the others. */
const TROUBLED: Histories = { kvflows: 3, troubles: troublesOf, oneIn: Number.POSITIVE_INFINITY };
const PLAIN: Histories = { kvflows: 2, troubles: () => NO_TROUBLES, oneIn: 0 };
const SPECIAL: Histories[] = [
  { ...PLAIN, oneIn: 40 },
  { ...PLAIN, policy: 'auto' },
  { ...PLAIN, policy: 'widen' },
  { ...PLAIN, policy: 'keep_aside' },
];
/** A history takes longer than the rest of a run. */
const TROUBLED_ONE_IN = 3;

/** On a NATS that has troubles, for some of the seeds. */
export function simulateRecognition(seed: number): Work[] {
  return seed % TROUBLED_ONE_IN === 0 ? [playing(seed, TROUBLED)] : [];
}

/** On a NATS that has none: any history, and for every other seed one whose steps fail or whose values do not fit. */
export function simulateHistories(seed: number): Work[] {
  const special = seed % 2 === 0 ? SPECIAL[(seed / 2) % SPECIAL.length] : undefined;
  return [PLAIN, ...(special ? [special] : [])].map(how => playing(seed, how));
}

function playing(seed: number, how: Histories): Work {
  return (clock, random) => run(clock, random, { ...how, seed });
}

async function run(
  clock: Clock,
  random: Random,
  { seed, kvflows, troubles, oneIn, policy }: Histories & { seed: number },
): Promise<Run> {
  const nats = simulateNats(clock, random, troubles(random));
  const destination = sqliteHere(policy, () => (random.chance(0.25) ? random.below(60) : 0));
  const observed = nothingObserved();
  const counts: Counts = {};
  const faults = { oneIn };
  const parts = partsThatFail(destination, { random: randomOf(seed), faults });
  const all = Array.from({ length: kvflows }, () => join(clock, nats, { observed, counts, parts }));
  const world = { destination, table: 'simulated', more: {}, hasValues: policy !== undefined, faults };
  const found = await play({ ...world, kvflows: all as never as World['kvflows'] }, seed);
  const verdict = check(observed);
  if (found) verdict.wrong.push(`rows of seed ${seed} ${found.when}: ${JSON.stringify(found)}`);
  return { verdict, fingerprint: fingerprintOf(nats), counts: { ...counts, ...nats.counts() } };
}
