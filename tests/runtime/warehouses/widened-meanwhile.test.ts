/** Columns that another process widens while a write waits for them: what they were taken for is looked at again, one after the other. */
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from '@jest/globals';
import { createOperations } from '../../../runtime/warehouses/sqlite/operations.ts';
import { sqliteHere } from '../../simulator/sqlite-here.ts';
import { nextVersion, within } from '../../suites/warehouse/subject.ts';

test('a write that meets two columns one after the other as they are widened is done, and changes no boolean', async () => {
  const operations = createOperations(new DatabaseSync(':memory:'));
  const widened = ['a', 'b'];
  let isHeld = false;
  const widenNext = () => {
    const table = operations.describe('events');
    const column = table?.columns.get((isHeld && widened.shift()) || '');
    if (table && column) operations.widen(table, column, 'text');
    return 0;
  };
  const destination = sqliteHere('widen', widenNext, operations);
  const load = async (event: Record<string, unknown>) =>
    await destination.load(within(), { table: 'events', primaryKeyFields: ['id'] }, [
      { event, version: nextVersion() },
    ]);
  expect(await load({ id: '1', a: false, b: false })).toEqual([undefined]);
  isHeld = true;
  expect(await load({ id: '2', a: true, b: true })).toEqual([undefined]);
  expect(widened).toEqual([]);
  const table = operations.describe('events');
  const [row] = table ? operations.read(table, [[['id', '2']]]) : [];
  expect(Object.fromEntries(row ?? [])).toMatchObject({ a: 'true', b: 'true' });
});
