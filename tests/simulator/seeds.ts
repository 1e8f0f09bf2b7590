import { installChance } from './chance.ts';
import { installClock } from './clock.ts';
import type { Counts } from './counts.ts';
import { sumOf } from './counts.ts';
import type { Breaking } from './kvflow.ts';
import type { Run } from './outcome.ts';
import { ALL_WORKS, worksOf } from './works.ts';

/** What came of one seed. */
export interface Played {
  seed: number;
  /** What is wrong, in words. */
  faults: string[];
  /** Of all that was ever stored: the same for two runs that went the same way. */
  fingerprint: string;
  counts: Counts;
}

/** Which are played: every `step`th before `end`. */
export interface Seeds {
  first: number;
  end: number;
  step: number;
  /** Histories of visitors alone, on a NATS without troubles. Default: all of kvflow on one that has them. */
  recognition?: boolean;
  /** All kinds of work at once. Default: those that the seed draws. */
  whole?: boolean;
  /** The kvflows take each third step twice: for the test of the simulator itself. */
  broken?: boolean;
}

const doubling: Breaking = call => {
  let steps = 0;
  return async (name, input) => {
    if (name === 'kv-key-increment' && ++steps % 3 === 0) await call(name, input);
    return await call(name, input);
  };
};

/** Plays seeds one after the other. Takes this process's clock and its sources of random numbers, for good. */
export async function* playSeeds(asked: readonly Seeds[]): AsyncGenerator<Played> {
  // Later than what happens in the histories of visitors, which are given as things of the past.
  const clock = installClock(Date.parse('2026-07-01T00:00:00Z'));
  const chance = installChance();
  const { simulate } = await import('./run.ts');
  const { simulateRecognition, simulateHistories } = await import('./recognition-work.ts');
  let seed = 0;
  process.on('uncaughtExceptionMonitor', () => console.error(`in the run of seed ${seed}:`));
  for (const { first, end, step, recognition, whole, broken } of asked) {
    for (seed = first; seed < end; seed += step) {
      const works = whole ? ALL_WORKS : worksOf(seed);
      const all = () => [simulate(works, broken ? doubling : undefined), ...simulateRecognition(seed)];
      const runs: Run[] = [];
      for (const work of recognition ? simulateHistories(seed) : all())
        runs.push(await clock.run(() => work(clock, chance(seed))));
      yield playedOf(seed, runs);
    }
  }
}

function playedOf(seed: number, runs: readonly Run[]): Played {
  return {
    seed,
    faults: runs.flatMap(({ verdict }) =>
      Object.entries(verdict).flatMap(([kind, all]) => all.map((one: string) => `${kind}: ${one}`)),
    ),
    fingerprint: runs.map(run => run.fingerprint).join('-'),
    counts: sumOf(runs.map(run => run.counts)),
  };
}
