import { expect, test } from '@jest/globals';
import type { Subject, WarehouseSuite } from './subject.ts';

const ROWS = 1_000;
const POISON = 613;

/** Rows that the warehouse itself refuses, for a reason that no look at their values foresees. */
export function testPoison({ name }: WarehouseSuite, subject: () => Subject): void {
  test(`${name} - of 1,000 rows the one that the warehouse refuses is refused alone, in loads and amendments`, async () => {
    const { server, stored, load, amend, rows, table } = subject();
    if (!server.poison) return;
    const t = table();
    await stored(t, { id: 'first', n: 0, user: { email: 'x' } });
    await server.poison(t, POISON);
    const events = Array.from({ length: ROWS }, (_, n) => ({ id: `e${n}`, n }));
    const refused = (outcomes: readonly unknown[]) => outcomes.flatMap((error, at) => (error ? [at] : []));
    const outcomes = await load(t, events);
    expect(refused(outcomes)).toEqual([POISON]);
    expect(outcomes[POISON]).toMatchObject({ code: 'WAREHOUSE_ERROR' });
    expect(outcomes[POISON]?.details).not.toHaveProperty('rows');
    const states = await amend(
      t,
      events.map(event => [event, { 'user/email': 'a@b.com' }]),
    );
    expect(states.map(({ state }) => state)).toEqual(
      events.map(({ n }) => (n === POISON ? 'failed' : 'amended')),
    );
    const found = await rows(t, ...events.map(({ id }) => id));
    expect(found).toEqual(
      events.map(event => (event.n === POISON ? undefined : { ...event, user_email: 'a@b.com' })),
    );
  });
}
