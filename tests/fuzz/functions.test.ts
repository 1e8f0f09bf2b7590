/**
 * Every function with inputs made from its schema, mostly such that it runs: whatever comes, it answers what its schema or its
 * errors allow, in time, and nothing of it is left behind. KVFLOW_FUZZ_RUNS is how many calls each function gets, else 300;
 * KVFLOW_FUZZ_SEED begins another series, KVFLOW_FUZZ_ONLY are functions by what their names begin with, with commas between them,
 * KVFLOW_FUZZ_DEBUG tells how each did.
 */
import { inspect } from 'node:util';
import { expect, test } from '@jest/globals';
import manifest from '../../manifest.json' with { type: 'json' };
import type { Manifest } from '../../runtime/core/manifest.ts';
import type { JoinOptions } from '../support/kvflow.ts';
import { seedOf } from '../support/seed.ts';
import { fuzz } from './fuzz.ts';
import { startWorld } from './world.ts';

const RUNS = Number(process.env.KVFLOW_FUZZ_RUNS ?? 300);
const SEED = seedOf('KVFLOW_FUZZ_SEED');
const ONLY = (process.env.KVFLOW_FUZZ_ONLY ?? '').split(',');
const AT_ONCE = Number(process.env.KVFLOW_FUZZ_AT_ONCE ?? 16);
/** Of so many calls of a function at least this part does what it is there for: else the validator alone was tried. */
const [MANY, WORKED] = [300, 0.05];

const functions = (manifest as unknown as Manifest).functions.filter(({ name }) =>
  ONLY.some(start => name.startsWith(start)),
);

test(
  'every function - answers as it says, whatever it is given',
  async () => {
    console.info(`fuzz: seed ${SEED}`);
    const left: unknown[] = [];
    const causes = new Set<string>();
    const onError: JoinOptions['onError'] = ({ code, message, cause }) => {
      if (code === 'INTERNAL') causes.add(`${message} ${inspect(cause).slice(0, 600)}`);
    };
    const onLeft = (reason: unknown) => left.push(reason);
    process.on('unhandledRejection', onLeft);
    try {
      await using world = await startWorld(onError);
      const [since, used] = [Date.now(), process.cpuUsage()];
      const { faults, worked, told } = await fuzz(world, {
        functions,
        runs: RUNS,
        seed: SEED,
        atOnce: AT_ONCE,
      });
      const { user, system } = process.cpuUsage(used);
      const all = [...worked.values()].reduce((sum, { ok }) => sum + ok, 0);
      console.info(
        `fuzz: ${RUNS * functions.length} calls in ${seconds((Date.now() - since) * 1_000)}, ${seconds(user + system)} of the processor; ${all} worked`,
      );
      if (process.env.KVFLOW_FUZZ_DEBUG) console.info(told);
      const idle = [...worked].filter(([, { ok, calls }]) => calls >= MANY && ok < calls * WORKED);
      expect([...faults, ...[...causes].slice(0, 5)]).toEqual([]);
      expect(idle).toEqual([]);
      expect(left).toEqual([]);
      // It serves as before.
      await world.k.call('kv-bucket-create', { bucket: 'after' });
      await world.k.call('kv-key-put', { bucket: 'after', key: 'a', value: 'x' });
    } finally {
      process.off('unhandledRejection', onLeft);
    }
  },
  120_000 + RUNS * 2_000,
);

function seconds(microseconds: number): string {
  return `${(microseconds / 1_000_000).toFixed(1)} s`;
}
