import { expect, test } from '@jest/globals';
import type { Subject, WarehouseSuite } from './subject.ts';
import { nextVersion, within } from './subject.ts';

/** Storing events: tables and columns on demand, types, upserts. */
export function testLoad({ name, cannot = {} }: WarehouseSuite, subject: () => Subject): void {
  test(`${name} - load creates table and columns, and every kind of value reads as it was`, async () => {
    const { stored, rows, t } = subject();
    await stored(t, {
      id: 'a',
      count: 42,
      negative: -7,
      ratio: 0.1,
      large: 1e300,
      yes: true,
      no: false,
      at: '2026-01-02T03:04:05.250+02:00',
      text: 'Ünïcödé 🎉 "quoted"; \\ back\nline',
      empty: '',
      nothing: null,
      tags: ['a', 1, { b: null }],
      none: [],
      user: { Email: 'a@b.com', 'first-name': 'Ada', deep: { er: 1 }, gone: {} },
    });
    expect(await rows(t, 'a', 'b')).toEqual([
      {
        id: 'a',
        count: 42,
        negative: -7,
        ratio: 0.1,
        large: 1e300,
        yes: true,
        no: false,
        at: '2026-01-02T01:04:05.25Z',
        text: 'Ünïcödé 🎉 "quoted"; \\ back\nline',
        empty: '',
        tags: '["a",1,{"b":null}]',
        none: '[]',
        user_email: 'a@b.com',
        user_first_name: 'Ada',
        user_deep_er: 1,
      },
      undefined,
    ]);
  });

  test(`${name} - load upserts: what an event says is set, what it does not say stays`, async () => {
    const { stored, rows, t } = subject();
    await stored(t, { id: 'a', one: 1, two: 'x' });
    await stored(t, { id: 'a', two: 'y', three: null }, { id: 'b', four: true });
    expect(await rows(t, 'a', 'b')).toEqual([
      { id: 'a', one: 1, two: 'y' },
      { id: 'b', four: true },
    ]);
    // One batch, in which each row lacks what the other has.
    await stored(t, { id: 'a', one: 2 }, { id: 'b', two: 'z' });
    expect(await rows(t, 'a', 'b')).toEqual([
      { id: 'a', one: 2, two: 'y' },
      { id: 'b', two: 'z', four: true },
    ]);
    await stored(t, { id: 'a' });
    expect(await rows(t, 'a')).toEqual([{ id: 'a', one: 2, two: 'y' }]);
  });

  test(`${name} - load merges events of one primary key in their order`, async () => {
    const { load, rows, t } = subject();
    const outcomes = await load(t, [
      { id: 'a', one: 1, two: 'x' },
      { id: 'b', one: 5 },
      { id: 'a', two: 'y' },
      { id: 'a', three: 3, two: null },
    ]);
    expect(outcomes).toEqual([undefined, undefined, undefined, undefined]);
    expect(await rows(t, 'a', 'b')).toEqual([
      { id: 'a', one: 1, two: 'y', three: 3 },
      { id: 'b', one: 5 },
    ]);
  });

  test(`${name} - load takes 1,000 rows at once, and again without harm`, async () => {
    const { stored, rows, t } = subject();
    const events = Array.from({ length: 1_000 }, (_, i) => ({ id: `e${i}`, n: i, even: i % 2 === 0 }));
    await stored(t, ...events);
    await stored(t, ...events);
    expect(await rows(t, ...events.map(({ id }) => id))).toEqual(events);
  });

  test(`${name} - load finds rows by keys of several columns and of every kind`, async () => {
    const { destination, table } = subject();
    const keys: [string, unknown, unknown][] = [
      ['text', 'a', 'b'],
      ['bigint', 1, 2],
      ['boolean', true, false],
      ['timestamp', '2026-01-02T03:04:05Z', '2026-01-02T03:04:05.000001Z'],
    ];
    for (const [kind, one, two] of keys) {
      const target = { table: `${table()}_${kind}`, primaryKeyFields: ['/key/part', 'tenant'] };
      const event = (part: unknown, n: number) => ({
        event: { key: { part }, tenant: 't', [`n${n}`]: n },
        version: nextVersion(),
      });
      await destination.load(within(), target, [event(one, 1), event(two, 1)]);
      await destination.load(within(), target, [event(one, 2)]);
      const found = await destination.read(within(), target, [
        { key_part: two as string, tenant: 't' },
        { key_part: one as string, tenant: 't' },
        { key_part: one as string, tenant: 'other' },
      ]);
      expect(found.map(row => row && { ...row })).toEqual([
        { key_part: two, tenant: 't', n1: 1, n2: null },
        { key_part: one, tenant: 't', n1: 1, n2: 2 },
        undefined,
      ]);
    }
  });

  test(`${name} - JITSU_TABLE_NAME sends an event to another table, and is no column`, async () => {
    const { stored, rows, table } = subject();
    const [t, other] = [table(), table()];
    await stored(t, { id: 'a', n: 1 }, { id: 'a', n: 2, JITSU_TABLE_NAME: other });
    expect(await rows(t, 'a')).toEqual([{ id: 'a', n: 1 }]);
    expect(await rows(other, 'a')).toEqual([{ id: 'a', n: 2 }]);
  });

  test(`${name} - a type conflict costs only its event and names the column`, async () => {
    const { stored, load, rows, t } = subject();
    await stored(t, { id: 'a', n: 1, ok: true, at: '2026-01-02T03:04:05Z', x: 0.5 });
    const outcomes = await load(t, [
      { id: 'b', n: 2 },
      { id: 'c', n: 'many' },
      { id: 'd', n: 1.5 },
      { id: 'e', ok: 'perhaps' },
      { id: 'f', at: 'tomorrow' },
      { id: 'g', x: [1] },
      { id: 'h', n: '12', x: 3, ok: 'true' },
    ]);
    expect(
      outcomes.map(error => error && [error.code, error.retryable ?? false, error.details.column]),
    ).toEqual([
      undefined,
      ['WAREHOUSE_ERROR', false, 'n'],
      ['WAREHOUSE_ERROR', false, 'n'],
      ['WAREHOUSE_ERROR', false, 'ok'],
      ['WAREHOUSE_ERROR', false, 'at'],
      ['WAREHOUSE_ERROR', false, 'x'],
      undefined,
    ]);
    expect(outcomes[1]?.message).toContain('"n"');
    expect(await rows(t, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h')).toEqual([
      { id: 'a', n: 1, ok: true, at: '2026-01-02T03:04:05Z', x: 0.5 },
      { id: 'b', n: 2 },
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      { id: 'h', n: 12, x: 3, ok: true },
    ]);
  });

  test(`${name} - a text column takes anything as text, and one call's mixed values make one`, async () => {
    const { stored, rows, t } = subject();
    await stored(
      t,
      { id: 'a', mixed: 1, number: 1 },
      { id: 'b', mixed: 'x', number: 0.5 },
      { id: 'c', mixed: true },
    );
    await stored(t, { id: 'd', mixed: 2.5, number: 7 });
    expect(await rows(t, 'a', 'b', 'c', 'd')).toEqual([
      { id: 'a', mixed: '1', number: 1 },
      { id: 'b', mixed: 'x', number: 0.5 },
      { id: 'c', mixed: 'true' },
      { id: 'd', mixed: '2.5', number: 7 },
    ]);
  });

  test(`${name} - an event without a value for its primary key is refused alone`, async () => {
    const { load, rows, t } = subject();
    const outcomes = await load(t, [{ n: 1 }, { id: 'a', n: 1 }, { id: null }]);
    expect(outcomes.map(error => error?.details.column)).toEqual(['id', undefined, 'id']);
    expect(await rows(t, 'a')).toEqual([{ id: 'a', n: 1 }]);
  });

  test(`${name} - two fields of one column that differ are both stored, always the same of them in a column of its own`, async () => {
    const { load, rows, t } = subject();
    const outcomes = await load(t, [
      { id: 'a', user: { id: 1 }, user_id: 2 },
      { id: 'b', user: { id: 1 }, user_id: 1, USER_ID: null },
      { id: 'c', user_id: 4, user: { id: 3 } },
    ]);
    expect(outcomes).toEqual([undefined, undefined, undefined]);
    const [one = {}, two, three] = await rows(t, 'a', 'b', 'c');
    const apart = Object.keys(one).find(name => /^user_id_\w{8}$/.test(name)) ?? 'none';
    expect([one, two, three]).toEqual([
      { id: 'a', user_id: 2, [apart]: 1 },
      { id: 'b', user_id: 1 },
      { id: 'c', user_id: 4, [apart]: 3 },
    ]);
  });

  test(`${name} - letters and digits of every script stay apart, and a long name is cut with a hash`, async () => {
    const { stored, rows, t } = subject();
    const long = 'k'.repeat(300);
    await stored(t, { id: 'a', имя: 'a' }, { id: 'b', год: 'b' }, { id: 'c', имя: 'a', год: 'b', 名前: 'c' });
    await stored(t, { id: 'd', [`${long}1`]: 'd' }, { id: 'e', [`${long}2`]: 'e' });
    expect(await rows(t, 'a', 'b', 'c')).toEqual([
      { id: 'a', имя: 'a' },
      { id: 'b', год: 'b' },
      { id: 'c', имя: 'a', год: 'b', 名前: 'c' },
    ]);
    const found = (await rows(t, 'd', 'e')).map(row => Object.keys(row ?? {}).filter(key => key !== 'id'));
    expect(found.map(names => names.length)).toEqual([1, 1]);
    expect(found[0]).not.toEqual(found[1]);
  });

  test(`${name} - a field never goes into a column that another field made, however an earlier build named it`, async () => {
    const { another, load, rows, table } = subject();
    const [t, cased] = [table(), table()];
    const events = [
      { '🎉': 'party' },
      { é: 'letter' },
      { ___: 'blanks' },
      { 日本国: 'country' },
      { caf_: 'cut' },
      { café: 'whole' },
      { a: { é: 'nested' } },
    ];
    // One by one, so that each finds what those before it made.
    for (const [at, event] of events.entries()) await load(t, [{ id: `${at}`, ...event }]);
    expect(await rows(t, ...Array.from(events.keys(), String))).toEqual([
      { id: '0', _: 'party' },
      { id: '1', é: 'letter' },
      { id: '2', ___: 'blanks' },
      { id: '3', 日本国: 'country' },
      { id: '4', caf_: 'cut' },
      { id: '5', café: 'whole' },
      { id: '6', a_é: 'nested' },
    ]);
    const snake = await another({ naming: 'snake' });
    await load(cased, [{ id: 'a', userid: 'lower' }], snake);
    await load(cased, [{ id: 'b', userId: 'words' }], snake);
    expect(await rows(cased, 'a', 'b')).toEqual([
      { id: 'a', userid: 'lower' },
      { id: 'b', user_id: 'words' },
    ]);
  });

  const sqlTypes = cannot['sql-types'];
  (sqlTypes ? test.skip : test)(
    `${name} - __sql_type_ sets a new column's type and is no column${sqlTypes ? `: ${sqlTypes}` : ''}`,
    async () => {
      const { stored, rows, t } = subject();
      await stored(t, {
        id: 'a',
        when: '2026-01-02T03:04:05Z',
        __sql_type_when: 'varchar(64)',
        code: 7,
        __sql_type_code: ['varchar(16)', 'varchar(64)'],
        user: { zip: 1234, __sql_type_zip: 'varchar(64)' },
      });
      await stored(t, { id: 'b', when: 'soon', code: 'x', user: { zip: 'AB1' } });
      expect(await rows(t, 'a', 'b')).toEqual([
        { id: 'a', when: '2026-01-02T03:04:05Z', code: '7', user_zip: '1234' },
        { id: 'b', when: 'soon', code: 'x', user_zip: 'AB1' },
      ]);
    },
  );
}
