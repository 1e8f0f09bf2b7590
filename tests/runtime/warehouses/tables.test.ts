import { expect, test } from '@jest/globals';
import type { Engine, Table } from '../../../runtime/warehouses/engine.ts';
import { createTables } from '../../../runtime/warehouses/shared/tables.ts';

const call = { deadline: Date.now() + 60_000 };

/** Tables over an engine whose looks are answered by hand, in whatever order; `looks` are those that wait. */
function answeredByHand() {
  const looks: ((table: Table | undefined) => void)[] = [];
  const describe = () => new Promise<Table | undefined>(resolve => looks.push(resolve));
  const engine = { describe } as unknown as Engine;
  return { looks, tables: createTables(engine, 'd', (_call, _names, work) => work()) };
}

function withColumns(...names: string[]): Table {
  return {
    name: 't',
    columns: new Map(names.map(name => [name, { name, kind: 'text' }])),
    primaryKey: ['id'],
  };
}

test('tables - a look that began earlier and is answered later replaces nothing that was seen since', async () => {
  const { looks, tables } = answeredByHand();
  const [slow, quick] = [tables.current(call, 't'), tables.look(call, 't')];
  looks[1]?.(withColumns('id', 'ctx_user_id'));
  await quick;
  looks[0]?.(withColumns('id'));
  expect([...((await slow)?.columns.keys() ?? [])]).toEqual(['id', 'ctx_user_id']);
  expect([...((await tables.current(call, 't'))?.columns.keys() ?? [])]).toEqual(['id', 'ctx_user_id']);
});

test('tables - a look that found no table, and began before one was made, does not hide it', async () => {
  const { looks, tables } = answeredByHand();
  const [slow, quick] = [tables.current(call, 't'), tables.look(call, 't')];
  looks[1]?.(withColumns('id'));
  await quick;
  looks[0]?.(undefined);
  expect(await slow).toBeDefined();
  expect(await tables.current(call, 't')).toBeDefined();
  expect(looks).toHaveLength(2);
});

test('tables - a look that began before the table was dropped, and is answered after it, does not bring it back', async () => {
  const { looks, tables } = answeredByHand();
  const [slow, quick] = [tables.current(call, 't'), tables.look(call, 't')];
  looks[1]?.(undefined);
  expect(await quick).toBeUndefined();
  looks[0]?.(withColumns('id'));
  expect(await slow).toBeUndefined();
  // A table that was not there is asked for again.
  const next = tables.current(call, 't');
  expect(looks).toHaveLength(3);
  looks[2]?.(withColumns('id'));
  expect(await next).toBeDefined();
});

test('tables - what was seen before a table was forgotten is not kept', async () => {
  const { looks, tables } = answeredByHand();
  const slow = tables.current(call, 't');
  tables.forget('t');
  looks[0]?.(withColumns('id', 'dropped'));
  await slow;
  const next = tables.current(call, 't');
  expect(looks).toHaveLength(2);
  looks[1]?.(withColumns('id'));
  expect([...((await next)?.columns.keys() ?? [])]).toEqual(['id']);
});
