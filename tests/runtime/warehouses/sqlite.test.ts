import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from '@jest/globals';
import { createLoader } from '../../../runtime/warehouses/shared/loader.ts';
import { openSqlite } from '../../../runtime/warehouses/sqlite/engine.ts';
import { openThread } from '../../../runtime/warehouses/sqlite/thread.ts';
import { testWarehouse } from '../../suites/test-warehouse.ts';
import { soon } from '../../support/soon.ts';
import { tempDir } from '../../support/temp-dir.ts';

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
          ['INSERT', 'UPDATE']
            .map(
              on =>
                `CREATE TRIGGER ${quoted(`refuse_${on}_${table}`)} BEFORE ${on} ON ${quoted(table)} WHEN NEW.n = ${n} BEGIN SELECT RAISE(ABORT, 'not this one'); END`,
            )
            .join(';'),
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

test("sqlite - what a table of one's own refuses costs only its event: a computed column, a STRICT table", async () => {
  await using folder = await tempDir();
  const file = join(folder.path, 'warehouse.db');
  const database = new DatabaseSync(file);
  database.exec('CREATE TABLE computed (id TEXT PRIMARY KEY, n INTEGER AS (1 + 1))');
  database.exec('CREATE TABLE strict (id TEXT PRIMARY KEY, n INTEGER) STRICT');
  const loader = createLoader({
    name: 'w',
    type: 'sqlite',
    engine: openSqlite({ file }),
    locked: (_call, _names, work) => work(),
    misfits: { policy: 'auto', byColumn: new Map() },
  });
  const load = async (table: string, ...events: object[]) => {
    const target = { table, primaryKeyFields: ['id'] };
    const rows = events.map(event => ({ event: { ...event }, version: 1n }));
    return (await loader.load(soon(), target, rows)).map(error => error?.code);
  };
  try {
    const three = await load(
      'computed',
      { id: 'a' },
      { id: 'b', n: 5 },
      { id: 'c', at: '2026-01-01T00:00:00Z' },
    );
    expect(three).toEqual([undefined, 'WAREHOUSE_ERROR', undefined]);
    expect(database.prepare('SELECT id FROM computed ORDER BY id').all()).toEqual([{ id: 'a' }, { id: 'c' }]);
    const more = { is: true, d: 1.5, at: '2026-01-01T00:00:00Z', s: 'x' };
    expect(await load('strict', { id: 'a', n: 'x' }, { id: 'b', n: 1, ...more })).toEqual([
      undefined,
      undefined,
    ]);
    expect(database.prepare('SELECT * FROM strict ORDER BY id').all()).toEqual([
      { id: 'a', n: null, is: null, d: null, at: null, s: null, _unmapped: '{"n":"x"}' },
      // A STRICT table knows no booleans.
      { id: 'b', n: 1, ...more, is: null, _unmapped: '{"is":true}' },
    ]);
  } finally {
    database.close();
    await loader.close();
  }
});

test('sqlite - it runs in a thread of its own: it stores rows while this one is busy', async () => {
  await using folder = await tempDir();
  const file = join(folder.path, 'warehouse.db');
  const thread = await openThread(file);
  try {
    await thread.run('createTable', 't', [{ name: 'id', kind: 'text' }], ['id']);
    const table = await thread.run('describe', 't');
    if (!table) throw new Error('there is no table');
    const ids = Array.from({ length: 1_000 }, (_, n) => `id-${n}`);
    const columns = [...table.columns.values()];
    const versions = ids.map(() => 1n);
    const batch = { table, primaryKey: ['id'], columns, values: [ids], versions, rows: ids.length };
    const writing = thread.run('upsert', batch);
    // This thread makes no turn of its loop until all of them are there.
    const reader = new DatabaseSync(file, { readOnly: true, timeout: 10_000 });
    const count = reader.prepare('SELECT count(*) AS n FROM t');
    const until = Date.now() + 20_000;
    while (Number(count.get()?.n) < ids.length && Date.now() < until);
    expect(count.get()).toEqual({ n: ids.length });
    reader.close();
    await writing;
  } finally {
    await thread.close();
  }
});

test('sqlite - a column that has more to it than its type is not made anew, so that it keeps it', async () => {
  await using folder = await tempDir();
  const file = join(folder.path, 'warehouse.db');
  const own = `CREATE TABLE t (id TEXT PRIMARY KEY, plain INTEGER, "Quoted" integer, filled INTEGER DEFAULT 7,
    checked INTEGER CHECK (checked > 0), needed INTEGER NOT NULL DEFAULT 0, referring INTEGER REFERENCES t)`;
  const database = new DatabaseSync(file);
  database.exec(own);
  database.close();
  const engine = openSqlite({ file });
  const call = soon();
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
  }
});
