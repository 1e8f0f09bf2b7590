/**
 * Generated commands by several callers in two processes on a real server; every function that reads many keys is held to
 * what it claims. In `npm test` a few plans; `npm run test:model` runs many. A failure prints its seed:
 * `KVFLOW_MODEL_SEED=... npm run test:model` makes the same plans again.
 */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Envelope } from '../../../runtime/core/envelope.ts';
import { joinNats, startKvflow } from '../../support/kvflow.ts';
import { seedOf } from '../../support/seed.ts';
import { startCluster } from '../../support/topologies.ts';
import type { Plan } from './commands.ts';
import { plans } from './commands.ts';
import type { Stage } from './run-plan.ts';
import { runPlan } from './run-plan.ts';

const RUNS = Number(process.env.KVFLOW_MODEL_RUNS ?? 8);
const SEED = seedOf('KVFLOW_MODEL_SEED');
const LONG = 3_600_000;

test(
  `one server: seed ${SEED}`,
  async () => {
    await using one = await startKvflow();
    await using two = joinNats(one.joined);
    await holds({ processes: [one, two], replicas: 1 }, RUNS);
  },
  LONG,
);

test(
  `three replicas: seed ${SEED}`,
  async () => {
    await using cluster = await startCluster(3);
    await using one = joinNats({ servers: cluster.urls });
    await using two = joinNats({ servers: cluster.urls });
    await holds({ processes: [one, two], replicas: 3 }, Math.ceil(RUNS / 3));
  },
  LONG,
);

test('a listing that leaves out what is written while it reads is found', async () => {
  await using k = await startKvflow();
  const seen: string[] = [];
  const invoke = async (...call: Parameters<typeof k.invoke>): Promise<Envelope> => {
    const envelope = await k.invoke(...call);
    const { data } = envelope as { data?: { items?: unknown[] } };
    if (call[0] !== 'kv-key-list' || !data?.items?.length) return envelope;
    return { ...envelope, data: { ...data, items: data.items.slice(0, -1) } } as Envelope;
  };
  await fc.assert(
    fc.asyncProperty(plans, async plan => {
      seen.push(...(await runPlan({ processes: [k], replicas: 1, invoke }, plan)).faults);
    }),
    { seed: SEED, numRuns: 2, endOnFailure: true },
  );
  expect(seen.some(fault => fault.includes('left out'))).toBe(true);
});

test('a purge by a filter that leaves a key is found', async () => {
  await using k = await startKvflow();
  const invoke: typeof k.invoke = (name, input, options) =>
    k.invoke(name, name === 'kv-key-purge' ? { ...(input as object), filter: 'k.1' } : input, options);
  const list = { do: 'listOnce' as const, limit: 7, values: true };
  const put = (key: number) => ({ do: 'put' as const, key });
  const plan: Plan = { history: 1, storage: 'memory', callers: [[put(1), put(2), { do: 'purgeAll' }, list]] };
  expect((await runPlan({ processes: [k], replicas: 1, invoke }, plan)).faults).toEqual([
    expect.stringContaining('has k.2 at 2, which a purge had to take'),
  ]);
  expect((await runPlan({ processes: [k], replicas: 1 }, plan)).faults).toEqual([]);
});

async function holds(stage: Stage, numRuns: number): Promise<void> {
  const property = fc.asyncProperty(plans, async (plan: Plan) => {
    expect((await runPlan(stage, plan)).faults).toEqual([]);
  });
  // Callers race: a smaller plan need not fail as well, so that none is looked for.
  await fc.assert(property, { seed: SEED, numRuns, endOnFailure: true });
}
