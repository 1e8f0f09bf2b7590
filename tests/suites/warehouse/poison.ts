import { expect, test } from '@jest/globals';
import type { IdentifyOutput } from '../../../contract/types.gen.ts';
import { RECOGNITION_DEFAULTS } from '../../../runtime/recognition/settings.ts';
import { joinNats } from '../../support/kvflow.ts';
import { soon } from '../../support/soon.ts';
import { memoryDestinations } from '../../support/warehouses/memory.ts';
import { awayWhile } from './away.ts';
import type { Subject, WarehouseSuite } from './subject.ts';
import { needed, testUnless, within } from './subject.ts';

const ROWS = 1_000;
const POISON = 613;

/** Rows that the warehouse itself refuses, for a reason that no look at their values foresees. */
export function testPoison({ name, cannot = {} }: WarehouseSuite, subject: () => Subject): void {
  testUnless(
    cannot.refusing,
    `${name} - of 1,000 rows the one that the warehouse refuses is refused alone, in loads and amendments`,
    async () => {
      const { server, stored, load, amend, rows, table } = subject();
      const poison = needed(server.poison, 'refusing');
      const t = table();
      await stored(t, { id: 'first', n: 0, user: { email: 'x' } });
      await poison(t, POISON);
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
    },
  );

  testUnless(
    cannot.refusing,
    `${name} - of 1,000 events the one that the warehouse refuses is one dead letter, at once or when it is back`,
    async () => {
      const { server, stored, rows, table, destination, natsUrl } = subject();
      const poison = needed(server.poison, 'refusing');
      const t = table();
      await stored(t, { id: 'first', n: 0, user: { email: 'x' } });
      await poison(t, POISON);
      let isAway = false;
      await using kvflow = joinNats(
        { servers: [natsUrl] },
        {
          recognition: {
            destinations: memoryDestinations(awayWhile(destination, () => isAway)),
            defaults: { ...RECOGNITION_DEFAULTS, reconcileAfterMs: 0 },
          },
        },
      );
      const identify = async (namespace: string, first: number) => {
        const events = Array.from({ length: ROWS }, (_, n) => ({
          id: `${namespace}${n}`,
          n: n + first,
          user: { anonymous_id: `v${n % 20}` },
        }));
        const more = { destination: destination.name, namespace, table: t, primary_key_fields: ['id'] };
        const answer = (await kvflow.call('identify', { events, ...more })) as unknown as IdentifyOutput;
        return { answer, ids: events.map(({ id }) => id) };
      };
      const holds = async (namespace: string, ids: string[], poisoned: number) => {
        const found = await rows(t, ...ids);
        expect(found.flatMap((row, at) => (row ? [] : [at]))).toEqual([poisoned]);
        const { letters } = await kvflow.call('identify-dead-list', { namespace });
        expect(letters).toMatchObject([{ code: 'WAREHOUSE_ERROR', event: { id: ids[poisoned] } }]);
      };
      const now = await identify('now', 0);
      expect(now.answer).toMatchObject({ loaded: ROWS - 1, failed: [{ index: POISON }] });
      await holds('now', now.ids, POISON);
      isAway = true;
      const later = await identify('later', 1);
      expect(later.answer).toMatchObject({ loaded: 0, pending: { events: ROWS } });
      isAway = false;
      expect(await kvflow.recognition.reconcile(soon(60_000))).toMatchObject({
        left: 0,
      });
      await holds('later', later.ids, POISON - 1);
    },
  );

  test(`${name} - a dead letter is a row of the rejected table too, once however often it comes, with who brought it`, async () => {
    const { another, table, natsUrl } = subject();
    const [t, rejected] = [table(), table()];
    const destination = await another({ rejectedTable: rejected });
    await using kvflow = joinNats(
      { servers: [natsUrl] },
      { recognition: { destinations: memoryDestinations(destination) } },
    );
    const call = { destination: destination.name, namespace: t, table: t, primary_key_fields: ['id'] };
    // No row can be told apart without its key.
    const events = [{ id: 'a' }, { user: { anonymous_id: 'v' } }];
    for (let time = 0; time < 2; time++)
      expect(await kvflow.call('identify', { ...call, events })).toMatchObject({
        loaded: 1,
        failed: [{ index: 1 }],
      });
    const { letters } = (await kvflow.call('identify-dead-list', { namespace: t })) as unknown as {
      letters: { key: string; by: string }[];
    };
    const [letter] = letters;
    expect(letters).toHaveLength(1);
    const target = { table: rejected, primaryKeyFields: ['letter'] };
    const [row] = await destination.read(within(), target, [{ letter: letter?.key ?? '' }]);
    expect({ ...row }).toMatchObject({
      code: 'INVALID_INPUT',
      event_table: t,
      rejected_by: letter?.by,
      event: '{"user":{"anonymous_id":"v"}}',
    });
    expect(letter?.by).toBe('refused');
  });
}
