import { expect, test } from '@jest/globals';
import { randomOf } from '../../model/recognition/history.ts';
import { play } from '../../model/recognition/play.ts';
import { worldOn } from '../../model/recognition/world.ts';
import type { Subject, WarehouseSuite } from './subject.ts';

const RUNS = Number(process.env.KVFLOW_MODEL_ENGINE_RUNS ?? 2);
const SEED = Number(process.env.KVFLOW_MODEL_SEED ?? Date.now() % 1_000_000_000);

/** Whose an event is, in generated histories: rows of a real warehouse against the oracle's (see tests/model/recognition). */
export function testRule({ name }: WarehouseSuite, subject: () => Subject): void {
  test(`${name} - identify's rows are what the rule says, seeds from ${SEED}`, async () => {
    const { natsUrl, destination, table } = subject();
    await using world = worldOn(natsUrl, destination, { random: randomOf(SEED), table: table() });
    for (let seed = SEED; seed < SEED + RUNS; seed++) expect(await play(world, seed)).toBeUndefined();
  }, 3_600_000);
}
