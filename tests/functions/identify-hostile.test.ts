/** Names, keys and values that were made to break something, from a call of identify to a real warehouse's rows. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DestinationSettings } from '../../runtime/warehouses/destination-kind.ts';
import type { Identifying } from '../support/identify.ts';
import { event, postgresAt, startIdentifying } from '../support/identify.ts';
import { withMemory } from '../support/identify-memory.ts';
import { startClickhouse } from '../support/warehouses/clickhouse.ts';
import { startMariadb } from '../support/warehouses/mariadb.ts';
import { missingServers } from '../support/warehouses/missing.ts';
import { startMysql } from '../support/warehouses/mysql.ts';
import type { TestMysqld } from '../support/warehouses/mysqld.ts';
import { startPostgres } from '../support/warehouses/postgres.ts';

/** Of one table each: quotes, statements, reserved words, what JavaScript and NATS would take for something else. */
const TABLES = [
  `quo"te'd\`;--`,
  'events; DROP TABLE events; --',
  'Grüße 表',
  'select',
  '__proto__',
  'constructor',
  'a.b.*.>',
];
const EVENT_IDS = [
  `'; DROP TABLE events; --`,
  '"`\\',
  'Grüße 🎉 表',
  'a/b=2F/c',
  '=n1',
  '__proto__',
  'toString',
  '*.>',
  '  spaces  ',
  'k'.repeat(300),
];
const COLUMNS = [
  `'; DROP TABLE events; --`,
  'quo"`te',
  'select',
  'Grüße',
  '__proto__',
  'constructor',
  '%s $1 ?',
];
/** As text: no JSON number above 2^53 is exact, and JSON.parse would have rounded it before we see it. */
const LARGE = '9223372036854775807';

const USER = { id: `u'; DROP TABLE events; --`, email: 'ü"`\\@b.com' };
const WHO = `${USER.id}/${USER.email}`;

type Start = () => Promise<{ settings: DestinationSettings; close(): Promise<void> }>;
const ENGINES: [name: string, start: Start][] = [
  [
    'postgres',
    async () => {
      const server = await startPostgres();
      const settings = postgresAt(await server.database('hostile'));
      return { settings, close: async () => await server[Symbol.asyncDispose]() };
    },
  ],
  ['mariadb', async () => onMysql(await startMariadb())],
  ['mysql', async () => onMysql(await startMysql())],
  [
    'clickhouse',
    async () => {
      const server = await startClickhouse();
      return {
        settings: tableOf('clickhouse', server.url),
        close: async () => await server[Symbol.asyncDispose](),
      };
    },
  ],
];

function tableOf(type: DestinationSettings['type'], url: string): DestinationSettings {
  return { type, url, table: 'events', primaryKeyFields: ['event_id'] };
}

function onMysql(server: TestMysqld) {
  const settings = tableOf('mysql', server.url);
  return { settings, close: async () => await server[Symbol.asyncDispose]() };
}

const missing = await missingServers();

describe.each(ENGINES)('%s', (name, start) => {
  let engine: Awaited<ReturnType<Start>> | undefined;
  let k: Identifying;
  if (missing[name]) {
    test.skip(`hostile - ${name}: all of it (skipped: ${missing[name]})`, () => undefined);
    return;
  }

  beforeAll(async () => {
    engine = await start();
    k = await startIdentifying(engine.settings);
  }, 60_000);
  afterAll(async () => {
    await k?.[Symbol.asyncDispose]();
    await engine?.close();
  });
  test(`hostile - ${name}: any table is amended, undone, and no other is touched`, async () => {
    await k.identify([event('innocent', 'nobody')]);
    for (const [at, table] of TABLES.entries()) {
      const visitor = `table-${at}`;
      const named = { ...event('e2', visitor, USER), JITSU_TABLE_NAME: table };
      expect(await k.identify([event('e1', visitor)], { table })).toMatchObject({ loaded: 1, failed: [] });
      expect(await k.identify([named])).toMatchObject({ recognized: 1, amended: 1, failed: [] });
      expect(await k.identities(['e1', 'e2'], table)).toEqual({ e1: WHO, e2: WHO });
      expect(
        await k.call('identify-undo', { anonymous_id: visitor, destination: 'warehouse' }),
      ).toMatchObject({
        restored: 1,
      });
      expect(await k.identities(['e1'], table)).toEqual({ e1: '-/-' });
    }
    expect(await k.identities(['innocent'])).toEqual({ innocent: '-/-' });
  });

  test(`hostile - ${name}: event keys of any text tell rows apart, and each is amended`, async () => {
    const events = EVENT_IDS.map(id => event(id, 'keys'));
    const loaded = await k.identify(events, { table: 'by_key' });
    const refused = new Set(loaded.failed.map(({ index }) => index));
    // What a warehouse cannot have as a key it says by its column.
    for (const { message } of loaded.failed) expect(message).toContain('event_id');
    expect(refused.size).toBeLessThan(2);
    const named = await k.identify([event('named', 'keys', USER)], { table: 'by_key' });
    const stored = EVENT_IDS.filter((_, at) => !refused.has(at));
    expect(named).toMatchObject({ amended: stored.length, failed: [] });
    const identities = await Promise.all(stored.map(id => k.row(id, 'by_key')));
    expect(identities.map(row => [row?.event_id, row?.user_id])).toEqual(stored.map(id => [id, USER.id]));
  });

  test(`hostile - ${name}: any field is a column of that row, and survives its amendment`, async () => {
    for (const [at, key] of COLUMNS.entries()) {
      const hostile = JSON.parse(
        `{"event_id":"c${at}","user":{"anonymous_id":"columns-${at}"},${JSON.stringify(key)}:"v"}`,
      );
      expect(await k.identify([hostile], { table: 'by_column' })).toMatchObject({ loaded: 1, failed: [] });
      await k.identify([event(`n${at}`, `columns-${at}`, USER)], { table: 'by_column' });
      const row = await k.row(`c${at}`, 'by_column');
      const column = key.toLowerCase().replace(/[^\p{L}\p{N}_]/gu, '_');
      expect(Object.getOwnPropertyDescriptor(row, column)?.value).toBe('v');
      expect(row?.user_id).toBe(USER.id);
    }
    expect(({} as { v?: unknown }).v).toBeUndefined();
  });

  test(`hostile - ${name}: values are stored as they are, in their column or beside their row, and none costs its event`, async () => {
    const megabyte = 'é'.repeat(500_000);
    const values: Record<string, unknown> = {
      nul: 'a\0b',
      high: '\ud800',
      low: 'x\udc00',
      megabyte,
      large: LARGE,
      rounded: 2 ** 53,
      name: 'fine',
    };
    // There is a column of whole numbers before; text goes to one of its own.
    await k.identify([{ ...event('first', 'w'), count: 1, text: 'x' }], { table: 'by_value' });
    const events = Object.entries(values).map(([id, value]) => {
      const isNumber = id === 'large' || id === 'rounded';
      return { ...event(id, 'values'), ...(isNumber ? { count: value } : { text: value }) };
    });
    const answer = await k.identify(events, { table: 'by_value' });
    const stored = Object.keys(values);
    expect(answer).toMatchObject({ loaded: stored.length, failed: [] });
    await k.recognition.idle();
    const named = await k.identify([event('named', 'values', USER)], { table: 'by_value' });
    expect(named).toMatchObject({ amended: stored.length, failed: [] });
    for (const id of stored) {
      const row = await k.row(id, 'by_value');
      expect([id, row?.user_id]).toEqual([id, USER.id]);
      const column = id === 'large' || id === 'rounded' ? 'count' : 'text';
      const beside = row?._unmapped ? JSON.parse(String(row._unmapped))[column] : undefined;
      const wanted = values[id];
      // What no JSON of a warehouse holds is beside the row as its JSON text.
      const isOdd = ['nul', 'high', 'low'].includes(id) && beside !== undefined;
      const value = row?.[column] ?? (isOdd ? JSON.parse(String(beside)) : beside);
      expect([id, String(value) === String(wanted)]).toEqual([id, true]);
    }
  });

  test(`hostile - ${name}: text for a column of numbers is kept beside its row, and a price makes the column wider`, async () => {
    await k.identify([{ ...event('t0', 'types'), price: 7 }], { table: 'by_type' });
    const events = [
      { ...event('t1', 'types'), price: 8 },
      { ...event('t2', 'types'), price: 'free' },
      { ...event('t3', 'types'), price: 1.5 },
      { ...event('t4', 'types'), price: '9' },
    ];
    const answer = await k.identify(events, { table: 'by_type' });
    expect(answer).toMatchObject({ loaded: 4, failed: [] });
    await k.recognition.idle();
    const named = await k.identify([event('named', 'types', USER)], { table: 'by_type' });
    expect(named).toMatchObject({ amended: 5, failed: [] });
    const ids = ['t0', 't1', 't2', 't3', 't4'];
    expect(await k.identities(ids, 'by_type')).toEqual(Object.fromEntries(ids.map(id => [id, WHO])));
    const rows = await Promise.all(ids.map(id => k.row(id, 'by_type')));
    expect(rows.map(row => row?.price)).toEqual([7, 8, null, 1.5, 9]);
    expect(JSON.parse(String(rows[2]?._unmapped))).toEqual({ price: 'free' });
  });

  test(`hostile - ${name}: names of tables too long are refused by name, those of columns cut, and nothing else is`, async () => {
    const long = 'x'.repeat(300);
    const answer = await k.identify(
      [
        { ...event('l1', 'long'), [long]: 1 },
        { ...event('l2', 'long'), JITSU_TABLE_NAME: long },
        { ...event('l3', 'long'), JITSU_TABLE_NAME: 'a\0b' },
        event('l4', 'long'),
      ],
      { table: 'by_length' },
    );
    for (const { code, message } of answer.failed) {
      expect(code).toBe('WAREHOUSE_ERROR');
      expect(message).toMatch(/x{20}|NUL/);
    }
    const failed = answer.failed.map(({ index }) => index);
    expect(failed).toEqual([1, 2]);
    const row = await k.row('l1', 'by_length');
    const columns = Object.keys(row ?? {}).filter(column => /^x{50,}_[0-9a-f]{8}$/.test(column));
    expect(columns.map(column => row?.[column])).toEqual([1]);
  });
});

test('hostile - a visitor of many users whose ids are as long as can be, and of some who were undone, costs nobody an event', async () => {
  await using k = await withMemory();
  // Six bytes of JSON for each character.
  const long = (name: string) => name.padEnd(5_000, '\u0001');
  let n = 0;
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 24; i++) {
      n += 1;
      const user = { id: long(`u${n}`), email: long(`e${n}`) };
      const { loaded, failed } = await k.identify([event(`named${n}`, 'v', user), event(`other${n}`, 'w')]);
      expect({ loaded, failed }).toEqual({ loaded: 2, failed: [] });
    }
    await k.identify([event(`after${n}`, 'v')]);
    expect(k.memory.row('events', `after${n}`)?.user_id).toBe(long(`u${n}`));
    expect(await k.call('identify-undo', { anonymous_id: 'v' })).toMatchObject({ forgotten: 1 });
  }
  // The last of them are still known for who asks to be forgotten.
  expect(await k.call('identify-forget', { value: long(`e${n}`) })).toMatchObject({ visitors: 1 });
});
