import { expect, test } from '@jest/globals';
import { parseExact } from '../../../contract/exact-json.ts';
import type { Subject, WarehouseSuite } from './subject.ts';

const HOSTILE_TABLES = [
  `quo"te'd\`;--`,
  'drop table t; --',
  'Grüße 🎉 表',
  'select',
  '__proto__',
  'with space.and.dot',
  '1 digit first',
  '%s $1 ? :x {0}',
  'back\\slash',
];

const HOSTILE_KEYS = [
  `"; DROP TABLE t; --`,
  `'`,
  '`',
  'Grüße',
  'select',
  'constructor',
  '__proto__',
  '9lives',
  '%s $1 ?',
  '',
  'toString',
];

const HOSTILE_TEXTS = [
  `'); DROP TABLE t; --`,
  '\\',
  `\\'`,
  '{"a","b"}',
  '{}',
  'NULL',
  'null',
  '$1',
  '? :name %s',
  '\u0001\u001f\u007f',
  '\ufffe\uffff',
  '😀',
  '  spaces  ',
  '\r\n\t',
  '\u2028\ufeff',
  'e\u0301',
];

/** Names and values that were made to break something. */
export function testHostile({ name, cannot = {} }: WarehouseSuite, subject: () => Subject): void {
  test.each(HOSTILE_TABLES)(`${name} - a table may be named %j`, async hostile => {
    const { stored, amend, rows } = subject();
    if (cannot['astral-names'] && /[\u{10000}-\u{10ffff}]/u.test(hostile)) {
      await expect(stored(hostile, { id: 'a', n: 1 })).rejects.toMatchObject({ code: 'WAREHOUSE_ERROR' });
      return;
    }
    await stored(hostile, { id: 'a', n: 1 });
    await stored(hostile, { id: 'a', m: 2 });
    await amend(hostile, [[{ id: 'a' }, { email: 'a@b.com' }]]);
    expect(await rows(hostile, 'a')).toEqual([{ id: 'a', n: 1, m: 2, email: 'a@b.com' }]);
  });

  test(`${name} - any key becomes a column: quotes, reserved words, __proto__, nothing at all`, async () => {
    const { stored, rows, t } = subject();
    for (const [at, key] of HOSTILE_KEYS.entries()) {
      const event = JSON.parse(`{"id": "e${at}", ${JSON.stringify(key)}: "v${at}"}`) as Record<
        string,
        unknown
      >;
      await stored(t, event);
      const [row = {}] = await rows(t, `e${at}`);
      expect(Object.keys(row)).toHaveLength(2);
      const column = key === '' ? '_' : key.toLowerCase().replace(/[^\p{L}\p{N}_]/gu, '_');
      expect(Object.getOwnPropertyDescriptor(row, column)?.value).toBe(`v${at}`);
    }
  });

  test(`${name} - any text reads as it was written, as a value and as a key`, async () => {
    const { load, rows, t } = subject();
    const events = HOSTILE_TEXTS.map((text, at) => ({ id: `${at} ${text}`, text }));
    const outcomes = await load(t, events);
    const found = await rows(t, ...events.map(({ id }) => id));
    for (const [at, event] of events.entries()) {
      // Nothing is changed without a word: it is there as it was, or refused with its column.
      if (outcomes[at]) expect(outcomes[at]?.details.column).toMatch(/^(id|text)$/);
      else expect(found[at]).toEqual(event);
    }
    expect(outcomes.filter(Boolean).length).toBeLessThan(3);
  });

  test(`${name} - a NUL, half a surrogate pair and a megabyte are stored unchanged or refused by column`, async () => {
    const { load, rows, t } = subject();
    const megabyte = 'x'.repeat(1_000_000);
    const events = [
      { id: 'fine', text: 'fine' },
      { id: 'nul', text: 'a\0b' },
      { id: 'high', text: '\ud800' },
      { id: 'low', text: 'x\udc00y' },
      { id: 'megabyte', text: megabyte },
      { id: 'list', list: ['\ud800'] },
    ];
    const outcomes = await load(t, events);
    const found = await rows(t, ...events.map(({ id }) => id));
    expect(outcomes[0]).toBeUndefined();
    for (const at of [2, 3]) expect(outcomes[at]).toMatchObject({ code: 'WAREHOUSE_ERROR' });
    for (const [at, event] of events.entries()) {
      const error = outcomes[at];
      if (error)
        expect([error.code, error.details.column, found[at]]).toEqual(['WAREHOUSE_ERROR', 'text', undefined]);
      else if ('text' in event) expect(found[at]?.text === event.text).toBe(true);
    }
    expect(found[5]).toEqual({ id: 'list', list: '["\\ud800"]' });
  });

  const bigIntegers = cannot['big-integers'];
  (bigIntegers ? test.skip : test)(
    `${name} - whole numbers above 2^53 are exact, as text and as numbers, up to 64 bits${bigIntegers ? `: ${bigIntegers}` : ''}`,
    async () => {
      const { stored, load, rows, t } = subject();
      await stored(t, { id: 'a', n: 1, price: 0.5 });
      const outcomes = await load(t, [
        { id: 'b', n: '9223372036854775807' },
        { id: 'c', n: '-9223372036854775808' },
        { id: 'd', n: 9007199254740991 },
        { id: 'e', n: 2 ** 53 },
        { id: 'f', n: '9223372036854775808' },
        { id: 'g', n: 2n ** 60n },
        { id: 'h', whole: 2 ** 60, price: 2 ** 60 },
        { id: 'i', n: -1234567890123456800, price: 123456789012345680000 },
        // Written with an exponent it is no whole number.
        parseExact('{"id": "j", "n": 1e17}') as Record<string, unknown>,
        parseExact('{"id": "k", "price": 1e17}') as Record<string, unknown>,
      ]);
      expect(outcomes.flatMap((error, at) => (error ? [[at, error.details.column]] : []))).toEqual([
        [4, 'n'],
        [8, 'n'],
      ]);
      expect(outcomes[8]?.message).toContain('all its digits');
      expect(await rows(t, 'b', 'c', 'd', 'e', 'g', 'h', 'i', 'k')).toEqual([
        { id: 'b', n: 9223372036854775807n },
        { id: 'c', n: -9223372036854775808n },
        { id: 'd', n: 9007199254740991 },
        { id: 'e', n: 2n ** 53n },
        { id: 'g', n: 2n ** 60n },
        // 2^60 as JSON has it.
        { id: 'h', whole: 1152921504606847000n, price: 2 ** 60 },
        { id: 'i', n: -1234567890123456800n, price: 123456789012345680000 },
        { id: 'k', price: 1e17 },
      ]);
    },
  );

  test(`${name} - names of tables that are too long and nesting without end are refused alone, never cut`, async () => {
    const { load, rows, t } = subject();
    const deep = JSON.parse(`${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`) as Record<string, unknown>;
    const list = JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`) as unknown;
    const outcomes = await load(t, [
      { id: 'a', ['k'.repeat(300)]: 1 },
      { id: 'b', JITSU_TABLE_NAME: 't'.repeat(300) },
      { id: 'c', JITSU_TABLE_NAME: 'a\0b' },
      { id: 'd', deep },
      { id: 'e', n: 1 },
      { id: 'f', list },
    ]);
    for (const at of [1, 2, 5]) expect(outcomes[at]).toMatchObject({ code: 'WAREHOUSE_ERROR' });
    expect(outcomes[1]?.message).toContain('ttt');
    expect(outcomes[5]?.details.column).toBe('list');
    expect(outcomes[4]).toBeUndefined();
    const [long, , , , there] = await rows(t, 'a', 'b', 'c', 'd', 'e');
    expect(there).toEqual({ id: 'e', n: 1 });
    expect(outcomes[0]).toBeUndefined();
    expect(Object.values(long ?? {}).sort()).toEqual([1, 'a']);
  });

  test(`${name} - what is said of a value that does not fit names the column and never tells the value`, async () => {
    const { load, amend, stored, t } = subject();
    const when = '2026-01-02T03:04:05Z';
    const types = cannot['sql-types'] ? {} : { __sql_type_day: 'date', __sql_type_exact: 'numeric(10,2)' };
    await stored(t, { id: 'a', n: 1, f: 0.5, b: true, when, day: '2026-01-02', exact: '1.25', ...types });
    const columns = ['n', 'f', 'b', 'when', ...(cannot['sql-types'] ? [] : ['day', 'exact'])];
    const texts = ["hunter2 isn't told", 'hunter2"; "', '2026-13-32 hunter2'];
    const bad: [string, unknown][] = columns.flatMap(column => [
      ...texts.map((text): [string, unknown] => [column, text]),
      ...(column === 'exact' ? [[column, 271828182845904.5] as [string, unknown]] : []),
    ]);
    const loaded = await load(
      t,
      bad.map(([column, value], at) => ({ id: `x${at}`, [column]: value })),
    );
    const amended: typeof loaded = [];
    for (const [at, [column, value]] of bad.entries()) {
      if (typeof value !== 'string') continue;
      // Alone: the others of a request would be amended again for each that cannot be.
      const [outcome] = await amend(
        t,
        [[{ id: at % 2 ? 'a' : `new${at}` }, { [column]: value }]],
        'overwrite',
      );
      amended.push(outcome?.state === 'failed' ? outcome.error : undefined);
    }
    const wanted = bad.map(([column]) => column);
    expect(loaded.map(error => error?.details.column)).toEqual(wanted);
    expect(amended.map(error => error?.details.column)).toEqual(
      wanted.filter((_, at) => typeof bad[at]?.[1] === 'string'),
    );
    const said = [...loaded, ...amended].map(error => error && [error.code, error.message, error.details]);
    expect(JSON.stringify(said)).not.toMatch(/hunter2|isn't|2026-13|27182818|2\.7182818/);
  });

  test(`${name} - __sql_type_ takes a type and nothing else`, async () => {
    const { load, rows, t } = subject();
    const bad = [
      'text); DROP TABLE t; --',
      'text DEFAULT 1',
      'int REFERENCES x',
      "text COLLATE 'x'",
      '',
      7,
      ['text', 1],
    ];
    const outcomes = await load(t, [
      { id: 'a', n: 1 },
      ...bad.map((type, at) => ({ id: `x${at}`, x: 1, __sql_type_x: type })),
    ]);
    expect(outcomes.map(error => error?.details.column)).toEqual([undefined, ...bad.map(() => 'x')]);
    expect(await rows(t, 'a')).toEqual([{ id: 'a', n: 1 }]);
  });

  test(`${name} - a type that the warehouse does not know costs only its event`, async () => {
    const { load, rows, t } = subject();
    const outcomes = await load(t, [
      { id: 'a', n: 1 },
      { id: 'b', x: 1, __sql_type_x: 'no_such_type' },
      { id: 'c', n: 3 },
    ]);
    expect(outcomes.map(error => error?.code)).toEqual([undefined, 'WAREHOUSE_ERROR', undefined]);
    expect(await rows(t, 'a', 'b', 'c')).toEqual([{ id: 'a', n: 1 }, undefined, { id: 'c', n: 3 }]);
  });
}
