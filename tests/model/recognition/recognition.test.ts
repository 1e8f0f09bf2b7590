/**
 * Generated histories of visitors, given to identify in generated calls, against the rule: of two kvflows on one NATS, with a
 * SQLite in memory. `KVFLOW_MODEL_SEED=... npm run test:model` makes the same histories again.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Destination } from '../../../runtime/core/destinations.ts';
import type { TestNats } from '../../support/nats.ts';
import { startNats } from '../../support/nats.ts';
import { seedOf } from '../../support/seed.ts';
import { againOf, historyOf, randomOf } from './history.ts';
import type { Difference } from './play.ts';
import { play } from './play.ts';
import { sqliteInMemory, worldOn } from './world.ts';

const RUNS = Number(process.env.KVFLOW_MODEL_RUNS ?? 40);
const SEED = seedOf('KVFLOW_MODEL_SEED');
const LANES = 4;

let nats: TestNats;
const memory = sqliteInMemory();

beforeAll(async () => {
  nats = await startNats();
}, 60_000);
afterAll(async () => {
  await nats?.[Symbol.asyncDispose]();
  await memory.close();
});

interface DifferencesOptions {
  runs?: number;
  faultOneIn?: number;
  destination?: Destination;
  /** What calls say besides. */
  more?: object;
  hasValues?: boolean;
}

async function differences(
  table: string,
  { runs = RUNS, faultOneIn = 0, destination = memory, ...options }: DifferencesOptions = {},
): Promise<Difference[]> {
  await using world = worldOn(nats.url, destination, { random: randomOf(SEED), table, ...options });
  world.faults.oneIn = faultOneIn;
  const found: Difference[] = [];
  let next = SEED;
  const lane = async () => {
    for (let seed = next++; seed < SEED + runs && found.length === 0; seed = next++) {
      const difference = await play(world, seed);
      if (difference) found.push(difference);
    }
  };
  await Promise.all(Array.from({ length: faultOneIn > 0 ? 1 : LANES }, lane));
  return found;
}

test('oracle - it shares no file with the product', () => {
  const source = readFileSync(join(import.meta.dirname, 'oracle.ts'), 'utf8');
  expect(source).not.toMatch(/\bfrom\s+'|import\s*\(/);
});

test(`model - rows are what the rule says, seeds from ${SEED}`, async () => {
  expect(await differences('plain')).toEqual([]);
}, 3_600_000);

test(`model - whatever fails, rows are what the rule says, seeds from ${SEED}`, async () => {
  expect(await differences('faults', { runs: Math.ceil(RUNS / 8), faultOneIn: 40 })).toEqual([]);
}, 3_600_000);

test.each(['auto', 'widen', 'keep_aside'] as const)(
  `model - with misfits: %s, every value is kept and rows are what the rule says, seeds from ${SEED}`,
  async policy => {
    const destination = sqliteInMemory(policy);
    const runs = Math.ceil(RUNS / 8);
    expect(await differences(`values_${policy}`, { runs, destination, hasValues: true })).toEqual([]);
    await destination.close();
  },
  3_600_000,
);

test('model - after a history every event is sent again, twice, in calls of another order', () => {
  const random = randomOf(SEED);
  const { events } = historyOf(random, { prefix: 's', mayBeAtOnce: true, hasValues: false });
  const keys = againOf(random, events).flatMap(call => call.map(({ key }) => key));
  for (const { key } of events) expect(keys.filter(sent => sent === key)).toHaveLength(2);
  // Of many runs none keeps to one order.
  const orders = Array.from({ length: 20 }, () =>
    againOf(random, events)
      .flat()
      .map(({ key }) => key)
      .join(),
  );
  expect(new Set(orders).size).toBeGreaterThan(1);
});

test('model - a seed makes the same history again, whatever was played before', () => {
  const [one, again] = [SEED, SEED].map(seed =>
    historyOf(randomOf(seed), { prefix: `s${seed}`, mayBeAtOnce: true, hasValues: true }),
  );
  expect(again).toEqual(one);
  const other = historyOf(randomOf(SEED + 1), { prefix: `s${SEED}`, mayBeAtOnce: true, hasValues: true });
  expect(other).not.toEqual(one);
});

test('model - where the time of events is not looked at, the oracle tells within 1,000 histories', async () => {
  const found = await differences('blind', { runs: 1_000, more: { timestamp_node: '/nowhere' } });
  expect(found).not.toEqual([]);
}, 600_000);
