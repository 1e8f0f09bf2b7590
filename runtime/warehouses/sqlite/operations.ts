/** What is done in the thread of the database, each operation in one transaction. */
import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';
import type { Cell, Cells } from '../../core/destinations.ts';
import type { AmendBatch, AmendFound, Batch, Column, ColumnKind, RestoreBatch, Table } from '../engine.ts';
import { NAMES_MARK } from '../engine.ts';
import { columnsToSet, sameCell } from '../row-rule.ts';
import { cellsOf, noCells } from '../shared/cells.ts';
import { UNMAPPED } from '../shared/misfits.ts';
import { MAX_EXACT } from '../shared/typing.ts';
import { fromSqlite, kindOfType, quote, strictTypeOf, toSqlite, typeOf } from './types.ts';

/** Operations by name. Rows that are read come as pairs, as objects lose what makes them safe on the way. */
export type Operations = ReturnType<typeof createOperations>;

/** A row as pairs of columns and values. */
export type Pairs = [string, Cell | null][];

/** SQLite has no comments on tables, and keeps those within their definitions. */
const MARK = `/* ${NAMES_MARK} */`;

/** Operations on an open database. */
export function createOperations(db: DatabaseSync) {
  // SQLite itself writes 1.0 for what came as 1.
  db.function('kvflow_written', { deterministic: true }, String);

  /** Also what `run` answers, the last row's number, may be above 2^53. */
  function prepare(sql: string): StatementSync {
    const statement = db.prepare(sql);
    statement.setReadBigInts(true);
    statement.setReturnArrays(true);
    return statement;
  }

  function all(sql: string, ...binds: string[]): SQLOutputValue[][] {
    return prepare(sql).all(...binds) as unknown as SQLOutputValue[][];
  }

  function definitionOf(table: string): string {
    const sql = "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE";
    return String(all(sql, table)[0]?.[0]);
  }

  function transaction<T>(work: () => T): T {
    db.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      db.exec('COMMIT');
      return result;
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw error;
    }
  }

  const schemaVersion = prepare('PRAGMA schema_version');
  let seen = { version: undefined as unknown, tables: new Map<string, Table | undefined>() };

  /**
   * Within a transaction: throws where a column has another kind than the values were made for, as another call has widened it.
   * SQLite itself takes any value for any column.
   */
  function checkKinds(table: string, columns: Iterable<Column>): void {
    const [version] = schemaVersion.get() as unknown as SQLOutputValue[];
    if (seen.version !== version) seen = { version, tables: new Map() };
    if (!seen.tables.has(table)) seen.tables.set(table, describe(table));
    const now = seen.tables.get(table)?.columns;
    for (const { name, kind } of columns)
      if ((now?.get(name)?.kind ?? kind) !== kind)
        throw new Error(`no such column any more: ${name} is ${now?.get(name)?.kind}`);
  }

  /** Looks rows up by their keys. */
  function finder(table: Table, key: readonly string[], columns: readonly string[]) {
    const where = key.map(name => `${quote(name)} = ?`).join(' AND ');
    const found = prepare(
      `SELECT ${columns.map(quote).join(', ') || '1'} FROM ${quote(table.name)} WHERE ${where}`,
    );
    const kinds = columns.map(name => kindIn(table, name));
    return (cells: Cells<Cell | null>): Cells<Cell | null> | undefined => {
      const row = found.get(...bindsOf(table, key, cells)) as unknown as SQLOutputValue[] | undefined;
      return row && cellsOf(columns.map((name, at) => [name, fromSqlite(kinds[at] ?? 'other', row[at])]));
    };
  }

  /** Sets columns of rows; rows that get the same columns share a statement. */
  function updater(table: Table, key: readonly string[]) {
    const where = key.map(name => `${quote(name)} = ?`).join(' AND ');
    const statementFor = once((columns: string) =>
      prepare(`UPDATE ${quote(table.name)} SET ${columns} WHERE ${where}`),
    );
    return (cells: Cells<Cell | null>, set: Cells<Cell | null>): void => {
      const names = Object.keys(set);
      const statement = statementFor(names.map(name => `${quote(name)} = ?`).join(', '));
      statement.run(...bindsOf(table, names, set), ...bindsOf(table, key, cells));
    };
  }

  function describe(name: string): Table | undefined {
    const rows = all('SELECT name, type, pk FROM pragma_table_xinfo(?) ORDER BY cid', name);
    if (rows.length === 0) return undefined;
    const columns = new Map<string, Column>();
    for (const [column, type] of rows) {
      const [own, sqlType] = [String(column).toLowerCase(), String(type)];
      const isJson = /^jsonb?$/i.test(sqlType);
      columns.set(own, { name: own, kind: kindOfType(sqlType), sqlType, ...(isJson && { json: true }) });
    }
    const key = rows.filter(([, , at]) => Number(at) > 0).sort((a, b) => Number(a[2]) - Number(b[2]));
    const isMarked = definitionOf(name).includes(MARK);
    return { name, columns, primaryKey: key.map(([column]) => String(column).toLowerCase()), isMarked };
  }

  return {
    describe,

    createTable(name: string, columns: readonly Column[], primaryKey: readonly string[]): void {
      const lines = columns.map(
        column =>
          `${quote(column.name)} ${typeOf(column)}${primaryKey.includes(column.name) ? ' NOT NULL' : ''}`,
      );
      const key = `PRIMARY KEY (${primaryKey.map(quote).join(', ')})`;
      db.exec(`CREATE TABLE IF NOT EXISTS ${quote(name)} (${[...lines, key].join(', ')} ${MARK})`);
    },

    addColumns(name: string, columns: readonly Column[]): void {
      const [[isStrict] = []] = all(
        'SELECT strict FROM pragma_table_list WHERE name = ? COLLATE NOCASE',
        name,
      );
      transaction(() => {
        for (const column of columns) {
          const type = isStrict === 1n ? strictTypeOf(column) : typeOf(column);
          db.exec(`ALTER TABLE ${quote(name)} ADD COLUMN ${quote(column.name)} ${type}`);
        }
      });
    },

    /** SQLite alters no type: the column is made anew, with what was in it, where nothing else belongs to it. */
    widen(table: Table, column: Column, kind: ColumnKind): void {
      if (!isPlain(definitionOf(table.name), column)) return;
      const [at, name, made] = [table.name, column.name, `${column.name}_wider`].map(quote);
      transaction(() => {
        const large = `SELECT 1 FROM ${at} WHERE ${name} > ${MAX_EXACT} OR ${name} < -${MAX_EXACT} LIMIT 1`;
        if (kind === 'double' && column.kind === 'bigint' && all(large).length > 0) return;
        const flag = `CASE ${name} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END`;
        const texts: Partial<Record<ColumnKind, string>> = {
          boolean: flag,
          double: `CASE typeof(${name}) WHEN 'real' THEN kvflow_written(${name}) ELSE ${name} END`,
        };
        const value = (kind === 'text' && texts[column.kind]) || name;
        db.exec(`ALTER TABLE ${at} ADD COLUMN ${made} ${typeOf({ name: '', kind })}`);
        db.exec(`UPDATE ${at} SET ${made} = ${value}`);
        db.exec(`ALTER TABLE ${at} DROP COLUMN ${name}`);
        db.exec(`ALTER TABLE ${at} RENAME COLUMN ${made} TO ${name}`);
      });
    },

    upsert(batch: Batch): void {
      const statement = prepare(upsertSql(batch));
      const kinds = batch.columns.map(({ kind }) => kind);
      transaction(() => {
        checkKinds(batch.table.name, batch.columns);
        for (let row = 0; row < batch.rows; row++)
          statement.run(...kinds.map((kind, at) => toSqlite(kind, batch.values[at]?.[row] ?? null)));
      });
    },

    amend(batch: AmendBatch): (Exclude<AmendFound, object> | { old: Pairs })[] {
      const { table, primaryKey, identity } = batch;
      return transaction(() => {
        checkKinds(table.name, table.columns.values());
        const find = finder(table, primaryKey, identity);
        const update = updater(table, primaryKey);
        return Array.from({ length: batch.rows }, (_, row) => {
          const cells = cellsOf(
            batch.columns.map(({ name }, at) => [name, batch.values[at]?.[row] ?? null] as const),
          );
          const old = find(cells);
          if (!old) return 'missing';
          const set = columnsToSet(old, cells, batch);
          if (!set) return 'unchanged';
          update(cells, set);
          return { old: Object.entries(old) };
        });
      });
    },

    restore({ table, rows }: RestoreBatch): boolean[] {
      const key = Object.keys(rows[0]?.key ?? {});
      return transaction(() => {
        checkKinds(table.name, table.columns.values());
        const update = updater(table, key);
        const finderOf = once((columns: string) => finder(table, key, JSON.parse(columns)));
        return rows.map(row => {
          const columns = cellsOf(Object.entries(row.columns));
          const cells = cellsOf(Object.entries(row.key));
          const now = finderOf(JSON.stringify(Object.keys(columns)))(cells);
          const set = noCells<Cell | null>();
          for (const name in now ? columns : {}) {
            const given = columns[name];
            if (given && sameCell(now?.[name] ?? null, given.from)) set[name] = given.to;
          }
          if (Object.keys(set).length === 0) return false;
          update(cells, set);
          return true;
        });
      });
    },

    read(table: Table, keys: readonly Pairs[]): (Pairs | undefined)[] {
      const [first = []] = keys;
      const find = finder(
        table,
        first.map(([name]) => name),
        [...table.columns.keys()],
      );
      return keys.map(key => {
        const row = find(cellsOf(key));
        return row && Object.entries(row);
      });
    },

    version: (): string => String(all('SELECT sqlite_version()')[0]?.[0]),
  };
}

/** Whether the table's definition says of a column its type and no more: DROP COLUMN would take a DEFAULT or a COLLATE with it. */
function isPlain(definition: string, { name, sqlType = '' }: Column): boolean {
  const names = [quote(name), name, `[${name}]`, `\`${name}\``].map(literally).join('|');
  return new RegExp(`[(,]\\s*(${names})\\s+${literally(sqlType)}\\s*[,)]`, 'i').test(definition);
}

/** Text as a regular expression for it. */
function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** Makes a thing once for each text, and answers it again from then on. */
function once<T>(make: (text: string) => T): (text: string) => T {
  const made = new Map<string, T>();
  return text => {
    const known = made.get(text) ?? make(text);
    made.set(text, known);
    return known;
  };
}

function kindIn(table: Table, name: string): ColumnKind {
  return table.columns.get(name)?.kind ?? 'other';
}

function bindsOf(table: Table, names: readonly string[], cells: Cells<Cell | null>) {
  return names.map(name => toSqlite(kindIn(table, name), cells[name] ?? null));
}

function upsertSql({ table, columns, primaryKey }: Batch): string {
  const names = columns.map(({ name }) => quote(name));
  const set = columns
    .filter(({ name }) => !primaryKey.includes(name))
    .map(({ name }) => {
      const [given, there] = [`excluded.${quote(name)}`, `${quote(table.name)}.${quote(name)}`];
      // Values beside a row add up; of any other column the later value counts.
      const both = name === UNMAPPED ? `json_patch(${there}, ${given}), ` : '';
      return `${quote(name)} = COALESCE(${both}${given}, ${there})`;
    });
  return [
    `INSERT INTO ${quote(table.name)} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
    `ON CONFLICT (${primaryKey.map(quote).join(', ')})`,
    set.length === 0 ? 'DO NOTHING' : `DO UPDATE SET ${set.join(', ')}`,
  ].join(' ');
}
