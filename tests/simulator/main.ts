/**
 * `npm run simulate`: runs of several kvflows on a NATS in memory that loses, delays, doubles and reorders answers, with time that passes
 * as fast as it can. `-- 5000` is how many runs, `-- 5000 17` begins with seed 17; a seed gives the same run
 * again, alone and after others.
 */
import { installChance } from './chance.ts';
import { installClock } from './clock.ts';
import type { Breaking } from './run.ts';

const [count = 1_000, first = Math.floor(Math.random() * 1e9)] = process.argv.slice(2).map(Number);
const hrtime = process.hrtime.bigint;
const began = hrtime();
// Later than what happens in the histories of visitors, which are given as things of the past.
const clock = installClock(Date.parse('2026-07-01T00:00:00Z'));
const chance = installChance();
const { simulate, simulateRecognition } = await import('./run.ts');

/** For the test of the simulator: a kvflow that takes each third step twice. */
const doubling: Breaking = call => {
  let steps = 0;
  return async (name, input) => {
    if (name === 'kv-key-increment' && ++steps % 3 === 0) await call(name, input);
    return await call(name, input);
  };
};
/** A history of visitors takes longer than the rest of a run. */
const RECOGNITION_ONE_IN = 3;
const failed: number[] = [];
let fingerprint = '';
for (let seed = first; seed < first + count; seed++) {
  const breaking = process.env.KVFLOW_SIMULATE_FAULT ? doubling : undefined;
  const runs = [await clock.run(() => simulate(clock, chance(seed), breaking))];
  if (seed % RECOGNITION_ONE_IN === 0)
    runs.push(await clock.run(() => simulateRecognition(clock, chance(seed), seed)));
  fingerprint = runs.map(run => run.fingerprint).join('-');
  const faults = runs.flatMap(({ verdict }) =>
    Object.entries(verdict).flatMap(([kind, all]) => all.map((one: string) => `${kind}: ${one}`)),
  );
  if (faults.length === 0) continue;
  failed.push(seed);
  console.log(`seed ${seed}:\n  ${faults.slice(0, 5).join('\n  ')}`);
  if (failed.length >= 5) break;
}
const seconds = Number(hrtime() - began) / 1e9;
console.log(
  `${count} runs from seed ${first} in ${seconds.toFixed(1)} s, ${failed.length} failed; the last is ${fingerprint}`,
);
process.exit(failed.length > 0 ? 1 : 0);
