import { expect, test } from '@jest/globals';
import type { Destination } from '../../../runtime/core/destinations.ts';
import type { MisfitPolicy } from '../../../runtime/warehouses/shared/misfits.ts';
import { UNMAPPED } from '../../../runtime/warehouses/shared/misfits.ts';
import { soon } from '../../support/soon.ts';
import type { Subject, WarehouseSuite } from './subject.ts';

type Row = Record<string, unknown>;

const LARGE = 2n ** 53n + 1n;

/** Values that do not fit their columns: none costs its event. */
export function testMisfits({ name, cannot = {} }: WarehouseSuite, subject: () => Subject): void {
  const policies = (policy: MisfitPolicy, columns: Record<string, MisfitPolicy> = {}) =>
    subject().another({ misfits: { policy, byColumn: new Map(Object.entries(columns)) } });

  async function stored(on: Destination, t: string, ...events: Row[]): Promise<void> {
    expect(await subject().load(t, events, on)).toEqual(events.map(() => undefined));
  }

  /** Rows with what is beside them as an object. */
  async function rows(t: string, ...ids: string[]): Promise<(Row | undefined)[]> {
    const another = await subject().another();
    const found = await another.read(
      soon(),
      { table: t, primaryKeyFields: ['id'] },
      ids.map(id => ({ id })),
    );
    await another.close();
    return found.map(row => row && readable(row));
  }

  test(`${name} - whole numbers, then a price: the column becomes wider, or the price is kept beside its row`, async () => {
    const [on, t] = [await policies('auto'), subject().table()];
    await stored(on, t, { id: 'a', price: 10 });
    await stored(on, t, { id: 'b', price: 9.99 }, { id: 'c', price: 7 });
    await stored(on, t, { id: 'd', price: 0.5 });
    const beside = cannot.widening !== undefined;
    expect(await rows(t, 'a', 'b', 'c', 'd')).toEqual([
      { id: 'a', price: 10 },
      beside ? { id: 'b', [UNMAPPED]: { price: 9.99 } } : { id: 'b', price: 9.99 },
      { id: 'c', price: 7 },
      beside ? { id: 'd', [UNMAPPED]: { price: 0.5 } } : { id: 'd', price: 0.5 },
    ]);
    await on.close();
  });

  test(`${name} - a column that holds numbers above 2^53 never becomes one that would change them`, async () => {
    const [on, t] = [await policies('auto'), subject().table()];
    await stored(on, t, { id: 'a', ref: LARGE }, { id: 'b', ref: 1 });
    await stored(on, t, { id: 'c', ref: 1.5 }, { id: 'd', ref: -LARGE });
    const found = await rows(t, 'a', 'b', 'c', 'd');
    expect(found.map(row => String(row?.ref ?? (row?.[UNMAPPED] as Row | undefined)?.ref))).toEqual([
      String(LARGE),
      '1',
      '1.5',
      String(-LARGE),
    ]);
    await on.close();
  });

  test(`${name} - nor does one that another process has made wide enough for them meanwhile`, async () => {
    const [on, wide, other] = [await policies('auto'), await policies('widen'), await policies('auto')];
    const [t, large] = [subject().table(), { n: LARGE, m: LARGE }];
    await stored(on, t, { id: 'a', ...large });
    await stored(other, t, { id: 'b', n: 1, m: 1 });
    await stored(on, t, { id: 'c', n: 1.5 });
    await stored(wide, t, { id: 'd', m: 2n ** 64n + 1n });
    // For this process both are columns of whole numbers.
    await stored(other, t, { id: 'e', n: 2.5, m: 2.5 });
    const found = await rows(t, 'a', 'c', 'd', 'e');
    const told = found.map(row => {
      const beside = row?.[UNMAPPED] as Row | undefined;
      return [row?.n ?? beside?.n, row?.m ?? beside?.m].map(String);
    });
    expect(told).toEqual([
      [String(LARGE), String(LARGE)],
      ['1.5', 'undefined'],
      ['undefined', String(2n ** 64n + 1n)],
      ['2.5', '2.5'],
    ]);
    for (const each of [on, wide, other]) await each.close();
  });

  test(`${name} - any other value that does not fit is kept beside its row, exactly`, async () => {
    const [on, t] = [await policies('auto'), subject().table()];
    const at = '2026-01-02T03:04:05Z';
    await stored(on, t, { id: 'a', n: 1, f: 0.5, ok: true, at });
    const odd = { n: 'many', ok: 'perhaps', at: 'tomorrow', f: [1, '"'] };
    await stored(on, t, { id: 'b', ...odd }, { id: 'c', n: 2 }, { id: 'd', f: LARGE, at: '' });
    expect(await rows(t, 'a', 'b', 'c', 'd')).toEqual([
      { id: 'a', n: 1, f: 0.5, ok: true, at },
      { id: 'b', [UNMAPPED]: { ...odd, f: '[1,"\\""]' } },
      { id: 'c', n: 2 },
      { id: 'd', [UNMAPPED]: { f: LARGE, at: '' } },
    ]);
    await stored(on, t, { id: 'b', ok: 'maybe', n: 3 });
    const added = cannot['adding-aside'] ? { ok: 'maybe' } : { ...odd, f: '[1,"\\""]', ok: 'maybe' };
    expect(await rows(t, 'b')).toEqual([{ id: 'b', n: 3, [UNMAPPED]: added }]);
    // Of two events of one row in one call both are kept.
    await stored(on, t, { id: 'e', n: 'x' }, { id: 'e', at: 'y' });
    expect(await rows(t, 'e')).toEqual([{ id: 'e', [UNMAPPED]: { n: 'x', at: 'y' } }]);
    await on.close();
  });

  test(`${name} - of a whole number of more than 64 bits every digit is kept, beside its row too`, async () => {
    const [on, t] = [await policies('keep_aside'), subject().table()];
    const huge = [2n ** 64n, -(2n ** 63n) - 1n, 2n ** 64n + 1n, 10n ** 21n + 1n, 2n ** 100n];
    await stored(on, t, { id: 'a', n: 1, x0: 1, x1: 1, x2: 1, x3: 1, x4: 1 });
    await stored(on, t, { id: 'b', ...Object.fromEntries(huge.map((value, at) => [`x${at}`, value])) });
    await stored(on, t, { id: 'b', n: 2 });
    const [row] = await rows(t, 'b');
    const beside = row?.[UNMAPPED] as Row;
    expect(huge.map((_, at) => String(beside[`x${at}`]))).toEqual(huge.map(String));
    await on.close();
  });

  test(`${name} - two whole numbers that a double does not tell apart are no two keys of one row`, async () => {
    const [on, t] = [await policies('auto'), subject().table()];
    // Half a key: its column is one of doubles.
    await stored(on, t, { id: 0.5 });
    const keys = [9_223_372_036_854_775_808n, 9_223_372_036_854_776_000n];
    const outcomes = await subject().load(
      t,
      keys.map(id => ({ id })),
      on,
    );
    expect(outcomes.map(error => error?.details.column)).toEqual(['id', undefined]);
    await on.close();
  });

  test(`${name} - text that no warehouse stores as it is goes beside its row as JSON text`, async () => {
    const [on, t] = [await policies('auto'), subject().table()];
    await stored(on, t, { id: 'a', text: 'x' });
    await stored(on, t, { id: 'b', text: '\ud800' });
    expect(await rows(t, 'b')).toEqual([{ id: 'b', [UNMAPPED]: { text: '"\\ud800"' } }]);
    await on.close();
  });

  test(`${name} - a column may have a policy of its own, and a primary key is never beside its row`, async () => {
    const [on, t] = [await policies('auto', { n: 'refuse', f: 'keep_aside' }), subject().table()];
    await stored(on, t, { id: 'a', n: 1, f: 1, at: '2026-01-02T03:04:05Z' });
    const outcomes = await subject().load(
      t,
      [
        { id: 'b', n: 1.5 },
        { id: 'c', f: 1.5 },
        { id: '\ud800', f: 1 },
      ],
      on,
    );
    expect(outcomes.map(error => error?.details.column)).toEqual(['n', undefined, 'id']);
    expect(await rows(t, 'b', 'c')).toEqual([undefined, { id: 'c', [UNMAPPED]: { f: 1.5 } }]);
    await on.close();
  });

  const widening = cannot.widening;
  (widening ? test.skip : test)(
    `${name} - with the policy widen a column becomes text, and what was in it is its text${widening ? `: ${widening}` : ''}`,
    async () => {
      const [on, other, t] = [
        await policies('widen'),
        await policies('auto', { ok: 'widen' }),
        subject().table(),
      ];
      await stored(on, t, { id: 'a', n: 1, f: 0.5, ok: true });
      await stored(other, t, { id: 'b', n: 2, f: 2, ok: false });
      await stored(on, t, { id: 'c', n: 'many', f: 'x', ok: 'maybe' });
      // Another process still takes it for a column of numbers.
      await stored(other, t, { id: 'd', n: 3, f: 1.5, ok: true });
      expect(await rows(t, 'a', 'b', 'c', 'd')).toEqual([
        { id: 'a', n: '1', f: '0.5', ok: 'true' },
        { id: 'b', n: '2', f: '2', ok: 'false' },
        { id: 'c', n: 'many', f: 'x', ok: 'maybe' },
        { id: 'd', n: '3', f: '1.5', ok: 'true' },
      ]);
      await on.close();
      await other.close();
    },
  );

  test(`${name} - a large whole number keeps its digits where another process has just made its column one of doubles`, async () => {
    const [on, other, t] = [await policies('auto'), await policies('auto'), subject().table()];
    await stored(on, t, { id: 'a', n: 1 });
    await stored(other, t, { id: 'b', n: 2 });
    await stored(on, t, { id: 'c', n: 1.5 });
    await stored(other, t, { id: 'd', n: LARGE }, { id: 'e', n: 3 });
    // Where the column can be no double, it is what it was, or text.
    const digits = (row?: Row) => String(row?.n ?? (row?.[UNMAPPED] as Row | undefined)?.n);
    expect((await rows(t, 'd', 'e')).map(digits)).toEqual([String(LARGE), '3']);
    await on.close();
    await other.close();
  });

  test(`${name} - times as they are commonly written become the instant they mean`, async () => {
    const [on, t] = [await policies('auto'), subject().table()];
    await stored(on, t, { id: 'first', at: '2024-01-01T00:00:00Z' });
    const times = [
      ['2024-01-01T00:00:00.123456789Z', '2024-01-01T00:00:00.123456Z'],
      ['2024-01-02', '2024-01-02T00:00:00Z'],
      ['2024-01-02T03:04:05', '2024-01-02T03:04:05Z'],
      ['2024-01-02 03:04:05.5', '2024-01-02T03:04:05.5Z'],
      ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00Z'],
      [1_704_067_200_123, '2024-01-01T00:00:00.123Z'],
      [1_704_067_200, '2024-01-01T00:00:00Z'],
      ['1704067200', '2024-01-01T00:00:00Z'],
    ] as const;
    await stored(on, t, ...times.map(([at], n) => ({ id: `t${n}`, at })));
    const found = await rows(t, ...times.map((_, n) => `t${n}`));
    expect(found).toEqual(times.map(([, at], n) => ({ id: `t${n}`, at })));
    await on.close();
  });

  test(`${name} - null changes nothing, or clears its column where the destination says so`, async () => {
    const { another, load, stored, rows, table } = subject();
    const clearing = await another({ nulls: 'clear' });
    const t = table();
    await stored(t, { id: 'a', n: 1, m: { k: 'x' } }, { id: 'b', n: 2 }, { id: 'c', n: 3 });
    await stored(t, { id: 'a', n: null });
    expect(await rows(t, 'a')).toEqual([{ id: 'a', n: 1, m_k: 'x' }]);
    const events = [
      { id: 'a', n: null, m: { k: null }, never: null },
      { id: 'b', n: null },
      { id: 'b', n: 5 },
      { id: 'd', n: null },
    ];
    expect(await load(t, events, clearing)).toEqual(events.map(() => undefined));
    const now = [{ id: 'a' }, { id: 'b', n: 5 }, { id: 'c', n: 3 }, { id: 'd' }];
    expect(await rows(t, 'a', 'b', 'c', 'd')).toEqual(now);
    await load(t, events, clearing);
    expect(await rows(t, 'a', 'b', 'c', 'd')).toEqual(now);
  });
}

function readable(row: Record<string, unknown>): Row {
  const found = Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));
  const aside = found[UNMAPPED];
  return aside === undefined ? found : { ...found, [UNMAPPED]: JSON.parse(String(aside), exactly) };
}

function exactly(_key: string, value: unknown, context?: { source: string }): unknown {
  return typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)
    ? BigInt(context?.source ?? '')
    : value;
}
