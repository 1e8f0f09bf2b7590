import { expect, test } from '@jest/globals';
import { randomOf } from '../../model/recognition/history.ts';
import { play } from '../../model/recognition/play.ts';
import { worldOn } from '../../model/recognition/world.ts';
import { seedOf } from '../../support/seed.ts';
import { soon } from '../../support/soon.ts';
import type { Subject, WarehouseSuite } from './subject.ts';

const RUNS = Number(process.env.KVFLOW_MODEL_ENGINE_RUNS ?? 2);
const SEED = seedOf('KVFLOW_MODEL_SEED');
/** So many histories have a table together: the first of them decide what its columns hold. */
const A_TABLE = 10;

/** Takes what is kept of people out, and their names out of their rows. */
export function testForget({ name }: WarehouseSuite, subject: () => Subject): void {
  test(`${name} - identify-forget empties the identities of one user's rows, on every device, and nobody else's`, async () => {
    const { natsUrl, destination, table } = subject();
    const [t, random] = [table(), randomOf(1)];
    await using world = worldOn(natsUrl, destination, { random, table: t });
    const [k] = world.kvflows;
    const page = (event_id: string, anonymous_id: string, user: object = {}) => ({
      event_id,
      user: { anonymous_id, ...user },
    });
    const target = { table: t, primaryKeyFields: ['event_id'] };
    const call = { destination: destination.name, namespace: t, table: t, primary_key_fields: ['event_id'] };
    const one = { id: 'u1', email: 'a@x' };
    await k?.call('identify', { ...call, events: [page('1', 'v'), page('2', 'w'), page('3', 'x')] });
    const logins = [page('4', 'v', one), page('5', 'w', one), page('6', 'x', { id: 'u2', email: 'b@x' })];
    await k?.call('identify', { ...call, events: logins });
    const forget = { value: 'a@x', rows: 'clear', namespace: t, destination: destination.name };
    expect(await k?.call('identify-forget', forget)).toMatchObject({ visitors: 2 });
    const keys = ['1', '2', '4', '5', '3', '6'].map(event_id => ({ event_id }));
    const rows = await destination.read(soon(), target, keys);
    const who = rows.map(row => `${row?.user_id ?? '-'} ${row?.user_email ?? '-'}`);
    expect(who).toEqual(['- -', '- -', '- -', '- -', 'u2 b@x', 'u2 b@x']);
  });
}

/** Whose an event is, in generated histories: rows of a real warehouse against the oracle's (see tests/model/recognition). */
export function testRule({ name }: WarehouseSuite, subject: () => Subject): void {
  test(`${name} - identify's rows are what the rule says and no value is lost, seeds from ${SEED}`, async () => {
    const { natsUrl, another, table } = subject();
    const destination = await another({ misfits: { policy: 'auto', byColumn: new Map() } });
    for (let from = SEED; from < SEED + RUNS; from += A_TABLE) {
      const about = { random: randomOf(from), table: table(), hasValues: true };
      await using world = worldOn(natsUrl, destination, about);
      const end = Math.min(from + A_TABLE, SEED + RUNS);
      for (let seed = from; seed < end; seed++) expect(await play(world, seed)).toBeUndefined();
    }
    await destination.close();
  }, 3_600_000);
}
