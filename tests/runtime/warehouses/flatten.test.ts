import { expect, test } from '@jest/globals';
import { parseExact } from '../../../contract/exact-json.ts';
import { createNames } from '../../../runtime/warehouses/shared/column-name.ts';
import { flatten } from '../../../runtime/warehouses/shared/flatten.ts';
import { isSqlType } from '../../../runtime/warehouses/shared/sql-type.ts';
import { canonicalTimestamp } from '../../../runtime/warehouses/shared/timestamp.ts';
import { joinKinds, kindOf, toKind } from '../../../runtime/warehouses/shared/typing.ts';

const names = createNames({ longest: 63 });
const flat = (event: Record<string, unknown>) => ({ ...flatten(event, { names }).cells });

test('flatten - joins keys, lowercases them, and keeps letters and digits of every script and _', () => {
  expect(flat({ A: { 'b-C': { é: 1 } }, 'd.e f': 2, '9': 3, '🎉': 4 })).toEqual({
    a_b_c_é: 1,
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
  const cells = flatten(JSON.parse('{"__proto__": {"__proto__": 1, "": 2}, "": 3}'), { names }).cells;
  expect(Object.entries(cells)).toEqual([
    ['__proto_____proto__', 1],
    ['__proto___', 2],
    ['_', 3],
  ]);
  expect([cells.toString, cells.constructor]).toEqual([undefined, undefined]);
  expect(Object.entries(flatten(JSON.parse('{"__proto__": 1}'), { names }).cells)).toEqual([
    ['__proto__', 1],
  ]);
});

const REFUSED: [what: string, event: Record<string, unknown>, column: string][] = [
  ['a number that is none', { a: Number.NaN }, 'a'],
  ['a function', { a: () => 1 }, 'a'],
  ['a type that is no text', { a: 1, __sql_type_a: 5 }, 'a'],
];

test.each(REFUSED)('flatten - refuses %s, and names the column', (_what, event, column) => {
  expect(() => flat(event)).toThrow(
    expect.objectContaining({ code: 'WAREHOUSE_ERROR', details: { column } }),
  );
});

test('flatten - a type that the root names by its column makes one column of a nested object, wherever it stands', () => {
  const ctx = { props: { a: 1, b: { c: 2 } } };
  for (const event of [
    { ctx, __sql_type_ctx_props: 'json' },
    { __sql_type_ctx_props: 'json', ctx },
  ]) {
    const { cells, types } = flatten(event, { names });
    expect({ ...cells }).toEqual({ ctx_props: '{"a":1,"b":{"c":2}}' });
    expect([...types]).toEqual([['ctx_props', { columnType: 'json' }]]);
  }
});

test('flatten - a number beyond what numbers hold is its text', () => {
  const event = parseExact('{"a":1e400,"b":-1e999,"c":[1e400],"d":1.5}') as Record<string, unknown>;
  const { cells } = flatten(event, { names });
  expect({ ...cells }).toEqual({ a: '1e400', b: '-1e999', c: '["1e400"]', d: 1.5 });
});

test('flatten - the table and the types an event asks for are taken out of it', () => {
  const { table, types, cells } = flatten(
    {
      JITSU_TABLE_NAME: 'other',
      a: { b: 1, __sql_type_b: ['date', 'text'] },
      __sql_type_c: 'int',
      x: { JITSU_TABLE_NAME: 1 },
    },
    { names },
  );
  expect(table).toBe('other');
  expect(Object.fromEntries(types)).toEqual({
    a_b: { columnType: 'text', castType: 'date' },
    c: { columnType: 'int' },
  });
  expect({ ...cells }).toEqual({ a_b: 1, x_jitsu_table_name: 1 });
  for (const bad of ['', 5, {}]) {
    expect(() => flat({ JITSU_TABLE_NAME: bad })).toThrow('JITSU_TABLE_NAME must be the name of a table');
  }
});

test('column names - a primary key field is a column or a path', () => {
  expect([names.ofField('user_id'), names.ofField('/user/id'), names.ofField('EventId')]).toEqual([
    'user_id',
    'user_id',
    'eventid',
  ]);
  expect(names.ofPath(['user', 'e-mail'])).toBe('user_e_mail');
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
  // Larger than 64 bits, and a double all the same.
  expect([joinKinds([10n ** 20n]), joinKinds([10n ** 20n, 0.5]), joinKinds([1, 0.5, 10n ** 20n])]).toEqual([
    'text',
    'double',
    'double',
  ]);
  expect(joinKinds([10n ** 20n, 0.5, 2n ** 60n + 1n])).toBe('text');
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
  ['double', 1234567890123456800n, 1234567890123456800],
  ['double', 1234567890123456801n, undefined],
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
  const refusal = () => createNames({ longest: 10_000 });
  expect(() => flatten({ ['x'.repeat(5_000)]: Number.NaN }, { names: refusal() })).toThrow(
    expect.objectContaining({ message: expect.stringMatching(/^.{0,400}$/s) }),
  );
});

test('flatten - of two fields of one column the one that is nested less keeps it, in whatever order they come', () => {
  const one = flat({ a: { b: 1 }, a_b: 2 });
  expect(one.a_b).toBe(2);
  expect(Object.entries(one)).toHaveLength(2);
  expect(flat({ a_b: 2, a: { b: 1 } })).toEqual(one);
  expect(flat({ a_b: 3, a: { b: 4 }, c: 5 })).toEqual({
    ...Object.fromEntries(Object.keys(one).map(name => [name, name === 'a_b' ? 3 : 4])),
    c: 5,
  });
  expect(Object.values(flat({ A: 1, a: 2 })).sort()).toEqual([1, 2]);
  expect(flat({ a: { b: 1 }, a_b: 1 })).toEqual({ a_b: 1 });
});

test('flatten - of two fields of one column at one depth the one that is spelled as the column keeps it', () => {
  expect(flat({ Event_Id: 1, event_id: 2, 'event id': 3 }).event_id).toBe(2);
  expect(flat({ user: { Id: 1, id: 2 } }).user_id).toBe(2);
  expect(flat({ user: { id: 2 }, User: { id: 1 } }).user_id).toBe(2);
  expect(flat({ a: { b: 1 }, A_B: 2 }).a_b).toBe(2);
  const exact = createNames({ longest: 63, naming: 'exact' });
  const [first] = Object.entries(flatten({ a: { b_c: 1 }, a_b: { c: 2 } }, { names: exact }).cells);
  expect(first).toEqual(['a_b_c', 1]);
});

test('flatten - objects that a column of JSON takes, or that ask for it, stay whole; numbers keep their digits', () => {
  const table = {
    name: 't',
    primaryKey: [],
    columns: new Map([['props', { name: 'props', kind: 'other', json: true } as const]]),
  };
  const { cells, types } = flatten(
    {
      props: { a: { b: 2n ** 64n } },
      mine: { c: 1, __sql_type: 'jsonb' },
      beside: { d: [1n] },
      __sql_type_beside: 'json',
      other: { e: 1 },
    },
    { names, table },
  );
  expect({ ...cells }).toEqual({
    props: '{"a":{"b":18446744073709551616}}',
    mine: '{"c":1}',
    beside: '{"d":[1]}',
    other_e: 1,
  });
  expect([...types.keys()].sort()).toEqual(['beside', 'mine']);
});

test('flatten - what is nested very deeply is kept as JSON text, and long names are cut with a hash', () => {
  const deep = JSON.parse(`${'{"a":'.repeat(2_000)}1${'}'.repeat(2_000)}`) as Record<string, unknown>;
  const [[name = '', value] = []] = Object.entries(flat(deep));
  expect(name.length).toBeLessThanOrEqual(63);
  expect(String(value)).toMatch(/^(\{"a":)+1\}+$/);
  const [first, second] = Object.keys(flat({ [`${'k'.repeat(300)}1`]: 1, [`${'k'.repeat(300)}2`]: 2 }));
  expect([first?.length, second?.length, first === second]).toEqual([63, 63, false]);
});

test('column names - in bytes, without characters above U+FFFF, in snake case, and exactly as they are', () => {
  const inBytes = createNames({ longest: 63, inBytes: true });
  expect(Buffer.byteLength(inBytes.ofPath(['имя'.repeat(20)]))).toBeLessThanOrEqual(63);
  expect(createNames({ longest: 64, isBasicOnly: true }).ofPath(['𐐀a'])).toBe('_a');
  const snake = createNames({ longest: 63, naming: 'snake' });
  expect(['anonymousId', 'userID', 'HTMLPage2Title', 'Plain', 'a-b'].map(key => snake.ofPath([key]))).toEqual(
    ['anonymous_id', 'user_id', 'html_page2_title', 'plain', 'a_b'],
  );
  const exact = createNames({ longest: 63, naming: 'exact' });
  expect(exact.ofPath(['User', 'e-Mail'])).toBe('User_e-Mail');
  expect(createNames({ longest: 63, naming: 'exact', foldsCase: true }).ofPath(['User'])).toBe('user');
});

test('column names - a table that has the name of an earlier build and not the one of today keeps it', () => {
  const columns = (...all: string[]) => ({
    name: 't',
    primaryKey: [],
    columns: new Map(all.map(name => [name, { name, kind: 'text' } as const])),
  });
  expect(names.ofPath(['имя'], columns('___'))).toBe('___');
  expect(names.ofPath(['имя'], columns('___', 'имя'))).toBe('имя');
  expect(names.ofPath(['имя'], columns('id'))).toBe('имя');
  expect(names.ofPath(['имя'], { ...columns('___'), isMarked: true })).toBe('имя');
  const snake = createNames({ longest: 63, naming: 'snake' });
  expect(snake.ofPath(['anonymousId'], columns('anonymousid'))).toBe('anonymousid');
});
