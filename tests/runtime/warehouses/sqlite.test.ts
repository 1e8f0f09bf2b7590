import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSqlite } from '../../../runtime/warehouses/sqlite/engine.ts';
import { testWarehouse } from '../../suites/test-warehouse.ts';

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;

testWarehouse({
  name: 'sqlite',
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
          `CREATE TRIGGER refuse BEFORE INSERT ON ${quoted(table)} WHEN NEW.n = ${n} BEGIN SELECT RAISE(ABORT, 'not this one'); END`,
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
