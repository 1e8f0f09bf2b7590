import { expect, test } from '@jest/globals';
import type { Destination } from '../../runtime/core/destinations.ts';
import type { Principal } from '../../runtime/core/principal.ts';
import { startKvflow } from '../support/kvflow.ts';
import { LIMITED } from './attempts.ts';

const KEY: Principal = { ...LIMITED, buckets: ['mine-a'], tables: [] };
const INPUT = { destination: 'mine', bucket: 'mine-a', namespace: 'mine' };

test('attack - a key reaches the tables its destination lists, and those it was given', async () => {
  const loaded: string[] = [];
  await using k = await withDestination(loaded, ['events_*']);
  const event = { id: '1', user: { anonymous_id: 'v' } };
  const as = (principal: Principal) => ({ principal });
  await k.call('identify', { ...INPUT, event }, as(KEY));
  await k.call('identify', { ...INPUT, event, table: 'events_eu' }, as(KEY));
  expect(await k.fail('identify', { ...INPUT, event, table: 'app_users' }, as(KEY))).toMatchObject({
    code: 'FORBIDDEN',
    message: expect.stringContaining('app_users'),
  });
  await k.call('identify', { ...INPUT, event, table: 'app_users' }, as({ ...KEY, tables: ['app_*'] }));
  expect(loaded).toEqual(['events', 'events_eu', 'app_users']);
});

test("attack - a hole in the rights to a table is found: all tables for a key, or none that is the destination's own", async () => {
  const event = { id: '1', user: { anonymous_id: 'v' } };
  const attempt = async (principal: Principal, otherTables: string[]) => {
    const loaded: string[] = [];
    await using k = await withDestination(loaded, otherTables);
    await k.invoke('identify', { ...INPUT, event, table: 'app_users' }, { principal });
    return loaded;
  };
  expect(await attempt(KEY, ['events_*'])).toEqual([]);
  expect(await attempt({ ...KEY, tables: ['*'] }, ['events_*'])).toEqual(['app_users']);
  expect(await attempt(KEY, ['*'])).toEqual(['app_users']);
});

test('attack - an event names no table that its destination does not list, and the others of the call are stored', async () => {
  const loaded: string[] = [];
  await using k = await withDestination(loaded, ['events_*']);
  const event = (id: string, table?: string) => ({
    id,
    user: { anonymous_id: 'v' },
    ...(table && { JITSU_TABLE_NAME: table }),
  });
  const events = [event('1', 'app_users'), event('2', 'events_eu'), event('3')];
  const answer = await k.call('identify', { ...INPUT, events });
  expect(answer).toMatchObject({
    loaded: 2,
    failed: [{ index: 0, code: 'FORBIDDEN', details: { table: 'app_users' } }],
  });
});

test('attack - where a destination lists no tables, those that events name are judged by the key', async () => {
  const loaded: string[] = [];
  await using k = await withDestination(loaded, undefined);
  const event = { id: '1', user: { anonymous_id: 'v' }, JITSU_TABLE_NAME: 'app_users' };
  expect(await k.call('identify', { ...INPUT, event }, { principal: KEY })).toMatchObject({
    loaded: 0,
    failed: [{ index: 0, code: 'FORBIDDEN' }],
  });
  expect(await k.call('identify', { ...INPUT, event })).toMatchObject({ loaded: 1, failed: [] });
});

/** A warehouse that notes which tables it was asked to load. */
function withDestination(loaded: string[], otherTables: string[] | undefined) {
  const destination: Destination = {
    name: 'mine',
    type: 'postgres',
    table: 'events',
    primaryKeyFields: ['id'],
    otherTables,
    load: async (_call, { table }, events) => {
      loaded.push(table);
      return events.map(() => undefined);
    },
    amend: async (_call, _target, rows) => rows.map(() => ({ state: 'unchanged' })),
    dryRun: async (_call, _target, rows) => rows.map(() => ({ state: 'unchanged' })),
    restore: async (_call, rows) => rows.map(() => false),
    read: async (_call, _target, keys) => keys.map(() => undefined),
    columnsOf: async (_call, _table, paths) => paths.map(path => path.join('_')),
    check: async () => [],
  };
  return startKvflow({ recognition: { destinations: { names: ['mine'], open: async () => destination } } });
}
