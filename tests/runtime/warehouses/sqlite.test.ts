import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from '@jest/globals';
import { openSqlite } from '../../../runtime/warehouses/sqlite/engine.ts';
import { testWarehouse } from '../../suites/test-warehouse.ts';

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;

testWarehouse({
  name: 'sqlite',
  cannot: { locks: 'SQLite locks the whole file', outages: 'there is no server' },
  start: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kvflow-sqlite-'));
    const file = join(folder, 'warehouse.db');
    const change = async (sql: string) => {
      const database = new DatabaseSync(file, { timeout: 10_000 });
      database.exec(sql);
      database.close();
    };
    return {
      engine: () => openSqlite({ file }),
      poison: (table, n) =>
        change(
          `CREATE TRIGGER ${quoted(`refuse_${table}`)} BEFORE INSERT ON ${quoted(table)} WHEN NEW.n = ${n} BEGIN SELECT RAISE(ABORT, 'not this one'); END`,
        ),
      drop: (table, column) =>
        change(
          column
            ? `ALTER TABLE ${quoted(table)} DROP COLUMN ${quoted(column)}`
            : `DROP TABLE ${quoted(table)}`,
        ),
      [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
    };
  },
});

test('sqlite - a column that has more to it than its type is not made anew, so that it keeps it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kvflow-sqlite-'));
  const file = join(folder, 'warehouse.db');
  const own = `CREATE TABLE t (id TEXT PRIMARY KEY, plain INTEGER, "Quoted" integer, filled INTEGER DEFAULT 7,
    checked INTEGER CHECK (checked > 0), needed INTEGER NOT NULL DEFAULT 0, referring INTEGER REFERENCES t)`;
  const database = new DatabaseSync(file);
  database.exec(own);
  database.close();
  const engine = openSqlite({ file });
  const call = { deadline: Date.now() + 20_000 };
  try {
    const table = await engine.describe(call, 't');
    for (const column of table?.columns.values() ?? []) {
      if (table && column.kind === 'bigint') await engine.widen?.(call, table, column, 'double');
    }
    const after = [...((await engine.describe(call, 't'))?.columns.values() ?? [])];
    expect(Object.fromEntries(after.map(({ name, kind }) => [name, kind]))).toEqual({
      id: 'text',
      plain: 'double',
      quoted: 'double',
      filled: 'bigint',
      checked: 'bigint',
      needed: 'bigint',
      referring: 'bigint',
    });
  } finally {
    await engine.close();
    await rm(folder, { recursive: true, force: true });
  }
});
