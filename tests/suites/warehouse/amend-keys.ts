import { expect, test } from '@jest/globals';
import type { AmendConflict, AmendRow } from '../../../runtime/core/destinations.ts';
import { outcome } from './amend.ts';
import type { Subject, WarehouseSuite } from './subject.ts';
import { needed, nextVersion, testUnless, within } from './subject.ts';

const EMAIL = ['user', 'email'];
const POISON = 613;

/** Amending rows of whose events the key alone is known: it becomes of them what becomes of those that are known whole. */
export function testAmendKeys({ name, cannot = {} }: WarehouseSuite, subject: () => Subject): void {
  for (const conflict of ['fill', 'skip', 'overwrite'] as const)
    test(`${name} - ${conflict} finds the same of rows by their keys alone as of whole events`, async () => {
      const { stored, rows, table } = subject();
      const all = [
        { id: 'b', page: '/' },
        { id: 'a', page: '/x', user: { email: 'me@b.com' } },
        { id: 'd', page: '/', user: { email: 'other@b.com' } },
        { id: 'c', page: '/y' },
      ];
      const found: unknown[] = [];
      for (const keyOnly of [true, undefined] as const) {
        const t = table();
        await stored(t, ...all, { id: 'last', user: { email: 'x', plan: 'free' } });
        const ids = all.map(({ id }) => id);
        const outcomes = await amend(subject(), t, { conflict, keyOnly, ids });
        const again = await amend(subject(), t, { conflict, keyOnly, ids });
        found.push({ outcomes: plainly(outcomes, t), again: plainly(again, t), rows: await rows(t, ...ids) });
      }
      expect(found[0]).toEqual(found[1]);
      expect(found[0]).toMatchObject({ outcomes: [{ state: 'amended' }, {}, {}, { state: 'amended' }] });
    });

  test(`${name} - of a key that has no row that is said, and of one that comes twice the last is written`, async () => {
    const { stored, rows, t } = subject();
    await stored(t, { id: 'a' }, { id: 'last', user: { email: 'x', plan: 'free' } });
    const missing = await amend(subject(), t, { keyOnly: true, ids: ['none', 'a'] });
    expect(missing).toMatchObject([{ state: 'missing' }, { state: 'amended', key: { id: 'a' } }]);
    expect(await rows(t, 'none')).toEqual([undefined]);
    const twice = await amend(subject(), t, {
      keyOnly: true,
      ids: ['last', 'a', 'a'],
      conflict: 'overwrite',
    });
    expect(twice.map(({ state }) => state)).toEqual(['amended', 'unchanged', 'amended']);
  });

  testUnless(
    cannot.refusing,
    `${name} - by keys alone, too, a row that is refused is refused alone`,
    async () => {
      const { server, destination, stored, rows, table } = subject();
      const poison = needed(server.poison, 'refusing');
      const t = table();
      await stored(t, { id: 'a' }, { id: 'b' }, { id: 'c' }, { id: 'last', n: 0 });
      await poison(t, POISON);
      const given = [1, POISON, 2].map(
        (n, at): AmendRow => ({
          event: { id: 'abc'[at] },
          version: nextVersion(),
          keyOnly: true,
          identity: [{ path: ['n'], value: n }],
        }),
      );
      const target = { table: t, primaryKeyFields: ['id'], conflict: 'fill' as const };
      const outcomes = await destination.amend(within(), target, given);
      expect(outcomes.map(({ state }) => state)).toEqual(['amended', 'failed', 'amended']);
      expect(await rows(t, 'a', 'b', 'c')).toEqual([{ id: 'a', n: 1 }, { id: 'b' }, { id: 'c', n: 2 }]);
    },
  );
}

async function amend(
  { destination }: Subject,
  table: string,
  { ids, keyOnly, conflict = 'fill' }: { ids: string[]; keyOnly: true | undefined; conflict?: AmendConflict },
) {
  const identities = ['me@b.com', 'you@b.com'].map(value => [
    { path: EMAIL, value },
    { path: ['user', 'plan'], value: 'paid' },
  ]);
  const rows = ids.map(
    (id, at): AmendRow => ({
      event: { id },
      version: nextVersion(),
      identity: identities[at % 2] ?? [],
      ...(keyOnly && { keyOnly }),
    }),
  );
  return await destination.amend(within(), { table, primaryKeyFields: ['id'], conflict }, rows);
}

function plainly(outcomes: readonly Parameters<typeof outcome>[0][], table: string): unknown[] {
  return JSON.parse(
    JSON.stringify(outcomes.map(outcome)).replaceAll(JSON.stringify(table), '"t"'),
  ) as unknown[];
}
