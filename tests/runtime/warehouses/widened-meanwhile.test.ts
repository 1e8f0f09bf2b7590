/** Columns that another process widens while a write waits for them: what they were taken for is looked at again, one after the other. */
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from '@jest/globals';
import type { Engine } from '../../../runtime/warehouses/engine.ts';
import { createLoader } from '../../../runtime/warehouses/shared/loader.ts';
import { wrapSqlite } from '../../../runtime/warehouses/sqlite/errors.ts';
import { createOperations } from '../../../runtime/warehouses/sqlite/operations.ts';
import { nextVersion, within } from '../../suites/warehouse/subject.ts';

test('a write that meets two columns one after the other as they are widened is done, and changes no boolean', async () => {
  const operations = createOperations(new DatabaseSync(':memory:'));
  const widened = ['a', 'b'];
  let isHeld = false;
  const destination = createLoader({
    name: 'here',
    type: 'sqlite',
    engine: {
      limits: { identifier: 255, foldsCase: true },
      describe: async (_call, table) => operations.describe(table),
      createTable: async (_call, ...args) => operations.createTable(...args),
      addColumns: async (_call, ...args) => operations.addColumns(...args),
      widen: async (_call, ...args) => operations.widen(...args),
      jsonType: 'JSON',
      upsert: async (_call, batch) => {
        const name = isHeld ? widened.shift() : undefined;
        const table = operations.describe('events');
        const column = table?.columns.get(name ?? '');
        if (table && column) operations.widen(table, column, 'text');
        try {
          operations.upsert(batch);
        } catch (error) {
          throw wrapSqlite(error, 'loading');
        }
      },
    } as Partial<Engine> as Engine,
    locked: (_call, _names, work) => work(),
    table: 'events',
    primaryKeyFields: ['id'],
    misfits: { policy: 'widen', byColumn: new Map() },
  });
  const load = async (event: object) =>
    await destination.load(within(), { table: 'events', primaryKeyFields: ['id'] }, [
      { event: event as Record<string, unknown>, version: nextVersion() },
    ]);
  expect(await load({ id: '1', a: false, b: false })).toEqual([undefined]);
  isHeld = true;
  expect(await load({ id: '2', a: true, b: true })).toEqual([undefined]);
  const table = operations.describe('events');
  const [row] = table ? operations.read(table, [[['id', '2']]]) : [];
  expect(Object.fromEntries(row ?? [])).toMatchObject({ a: 'true', b: 'true' });
});
