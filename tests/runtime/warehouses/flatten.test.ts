import { expect, test } from '@jest/globals';
import type { PackError } from '../../../contract/errors.ts';
import { columnOfField, columnOfPath } from '../../../runtime/warehouses/shared/column-name.ts';
import { flatten } from '../../../runtime/warehouses/shared/flatten.ts';
import { isSqlType } from '../../../runtime/warehouses/shared/sql-type.ts';
import { canonicalTimestamp } from '../../../runtime/warehouses/shared/timestamp.ts';
import { joinKinds, kindOf, toKind } from '../../../runtime/warehouses/shared/typing.ts';

const flat = (event: Record<string, unknown>) => ({ ...flatten(event, 63).cells });

test('flatten - joins keys, lowercases them, and keeps letters, digits and _', () => {
  expect(flat({ A: { 'b-C': { é: 1 } }, 'd.e f': 2, '9': 3, '🎉': 4 })).toEqual({
    a_b_c__: 1,
    d_e_f: 2,
    '9': 3,
    _: 4,
  });
});

test('flatten - drops nulls and empty objects, keeps arrays as JSON text and empty text', () => {
  expect(
    flat({ a: null, b: undefined, c: {}, d: [], e: [null, { f: 1n }.f > 0n], g: '', h: false, i: 0 }),
  ).toEqual({
    d: '[]',
    e: '[null,true]',
    g: '',
    h: false,
    i: 0,
  });
});

test('flatten - __proto__ and empty keys are names like any other', () => {
  const cells = flatten(JSON.parse('{"__proto__": {"__proto__": 1, "": 2}, "": 3}'), 63).cells;
  expect(Object.entries(cells)).toEqual([
    ['__proto_____proto__', 1],
    ['__proto___', 2],
    ['_', 3],
  ]);
  expect([cells.toString, cells.constructor]).toEqual([undefined, undefined]);
  expect(Object.entries(flatten(JSON.parse('{"__proto__": 1}'), 63).cells)).toEqual([['__proto__', 1]]);
});

const REFUSED: [what: string, event: Record<string, unknown>, column: string][] = [
  ['two values of one column', { a: { b: 1 }, a_b: 2 }, 'a_b'],
  ['a value and its text in one column', { a: { b: 1 }, a_b: '1' }, 'a_b'],
  ['two fields that differ by case', { A: 1, a: 2 }, 'a'],
  ['a number that is none', { a: Number.NaN }, 'a'],
  ['a function', { a: () => 1 }, 'a'],
  ['an array that is no JSON', { a: [1n] }, 'a'],
  ['a type that is no text', { a: 1, __sql_type_a: 5 }, 'a'],
];

test.each(REFUSED)('flatten - refuses %s, and names the column', (_what, event, column) => {
  expect(() => flat(event)).toThrow(
    expect.objectContaining({ code: 'WAREHOUSE_ERROR', details: { column } }),
  );
});

test('flatten - the table and the types an event asks for are taken out of it', () => {
  const { table, types, cells } = flatten(
    {
      JITSU_TABLE_NAME: 'other',
      a: { b: 1, __sql_type_b: ['date', 'text'] },
      __sql_type_c: 'int',
      x: { JITSU_TABLE_NAME: 1 },
    },
    63,
  );
  expect(table).toBe('other');
  expect([...types]).toEqual([
    ['a_b', { columnType: 'text', castType: 'date' }],
    ['c', { columnType: 'int' }],
  ]);
  expect({ ...cells }).toEqual({ a_b: 1, x_jitsu_table_name: 1 });
  for (const bad of ['', 5, {}]) {
    expect(() => flat({ JITSU_TABLE_NAME: bad })).toThrow('JITSU_TABLE_NAME must be the name of a table');
  }
});

test('column names - a primary key field is a column or a path', () => {
  expect([columnOfField('user_id'), columnOfField('/user/id'), columnOfField('EventId')]).toEqual([
    'user_id',
    'user_id',
    'eventid',
  ]);
  expect(columnOfPath(['user', 'e-mail'])).toBe('user_e_mail');
});

const TYPES: [type: string, isType: boolean][] = [
  ['text', true],
  ['VARCHAR(64)', true],
  ['numeric(38, 18)', true],
  ['double precision', true],
  ['timestamp(6) with time zone', true],
  ['text[]', true],
  ["Nullable(DateTime64(6, 'Europe/Berlin'))", true],
  ['bigint unsigned', true],
  ['text; DROP TABLE t', false],
  ['text) --', false],
  ['text/**/', false],
  ['int DEFAULT 1', false],
  ['int NOT NULL', false],
  ['varchar(64', false],
  ['varchar()', false],
  ['"quoted"', false],
  ["Enum('a' = 1)", false],
  ['a'.repeat(101), false],
  ['', false],
  [' text', false],
  ['text\n', false],
  ['tеxt', false],
];

test.each(TYPES)('sql type - %j is a type: %s', (type, isType) => {
  expect(isSqlType(type)).toBe(isType);
});

const TIMES: [text: string, canonical: string | undefined][] = [
  ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05Z'],
  ['2026-01-02t03:04:05.120z', '2026-01-02T03:04:05.12Z'],
  ['2026-01-01T00:30:00.000001+02:00', '2025-12-31T22:30:00.000001Z'],
  ['2024-02-29T00:00:00-05:30', '2024-02-29T05:30:00Z'],
  ['2026-01-02T03:04:05.1234567Z', undefined],
  ['2026-01-02T03:04:05.1234560Z', '2026-01-02T03:04:05.123456Z'],
  ['2026-02-29T00:00:00Z', undefined],
  ['2026-13-01T00:00:00Z', undefined],
  ['2026-01-02T24:00:00Z', undefined],
  ['2026-01-02T23:59:60Z', undefined],
  ['2026-01-02T03:04:05', undefined],
  ['2026-01-02 03:04:05Z', undefined],
  ['2026-01-02', undefined],
  ['0000-01-01T00:00:00Z', undefined],
  ['9999-12-31T23:59:59-01:00', undefined],
  ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00Z'],
  ['20260102T030405Z', undefined],
];

test.each(TIMES)('timestamp - %j is %j', (text, canonical) => {
  expect(canonicalTimestamp(text)).toBe(canonical);
});

test('typing - kinds of values, alone and together', () => {
  expect(
    [true, 1, -0, 2 ** 53, 1e300, 0.5, 'x', '2026-01-02T03:04:05Z', 2n ** 60n, 2n ** 63n].map(kindOf),
  ).toEqual([
    'boolean',
    'bigint',
    'bigint',
    'double',
    'double',
    'double',
    'text',
    'timestamp',
    'bigint',
    'text',
  ]);
  expect(joinKinds([1, 0.5])).toBe('double');
  expect(joinKinds([1, 2n ** 60n])).toBe('bigint');
  expect(joinKinds([0.5, 2n ** 60n + 1n])).toBe('text');
  expect(joinKinds([1, 'x'])).toBe('text');
  expect(joinKinds([true, 1])).toBe('text');
  expect(joinKinds([])).toBe('text');
});

const FITS: [kind: Parameters<typeof toKind>[0], value: Parameters<typeof toKind>[1], fits: unknown][] = [
  ['bigint', 5, 5],
  ['bigint', '5', 5],
  ['bigint', '05', undefined],
  ['bigint', '-0', undefined],
  ['bigint', '5.0', undefined],
  ['bigint', 2 ** 53, undefined],
  ['bigint', true, undefined],
  ['bigint', '9223372036854775807', 9223372036854775807n],
  ['bigint', '9223372036854775808', undefined],
  ['double', '0.1', 0.1],
  ['double', '0.10', undefined],
  ['double', 'Infinity', undefined],
  ['double', 2n ** 53n + 1n, undefined],
  ['double', 2n ** 60n, 2 ** 60],
  ['boolean', 'true', true],
  ['boolean', 'toString', undefined],
  ['boolean', 1, undefined],
  ['timestamp', '2026-01-02T03:04:05+00:00', '2026-01-02T03:04:05Z'],
  ['timestamp', 5, undefined],
  ['text', 5, '5'],
  ['text', 1e21, '1e+21'],
];

test.each(FITS)('typing - in a %s column %p is %p', (kind, value, fits) => {
  expect(toKind(kind, value)).toBe(fits);
});

test('flatten - what is refused is shown cut, whatever its length', () => {
  const error = (() => {
    try {
      return flat({ ['x'.repeat(5_000)]: 1 });
    } catch (thrown) {
      return thrown as PackError;
    }
  })() as PackError;
  expect(error.message.length).toBeLessThan(400);
  expect(error.message).toContain('5000 characters');
});
