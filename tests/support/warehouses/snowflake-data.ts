/** The data of the stand-in: DuckDB behind Snowflake's SQL. One statement at a time, as Snowflake does for one table. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { DuckDBInstance } from '@duckdb/node-api';
import { MACROS, translate } from './snowflake-sql.ts';
import type { Catalog } from './snowflake-tables.ts';
import { alterTable, createTable, describeTable, dropTable } from './snowflake-tables.ts';
import { fromDuck, nameIn, SnowflakeRefusal, syntaxError, tokenize } from './snowflake-tokens.ts';

/** What a session says of itself. */
export interface SessionFacts {
  database: string | undefined;
  schema: string | undefined;
  warehouse: string | undefined;
  role: string;
}

/** Rows of an answer, all of them objects of the same shape. */
export interface Rows {
  columns: { name: string; type: 'text' | 'fixed' | 'real' | 'boolean' }[];
  rows: unknown[][];
}

/** Everything stored. */
export interface SnowflakeData {
  /** Makes a database with a schema PUBLIC, empty. */
  create(database: string): Promise<void>;
  has(database: string): boolean;
  run(facts: SessionFacts, sql: string, binds: unknown[]): Promise<Rows>;
  close(): void;
}

/** Opens an empty store in memory. */
export async function openSnowflakeData(denied: ReadonlySet<string>): Promise<SnowflakeData> {
  const instance = await DuckDBInstance.create(':memory:');
  const duck = await instance.connect();
  await duck.run("SET TimeZone = 'UTC'");
  for (const macro of MACROS) await duck.run(`CREATE MACRO ${macro}`);
  const catalogs = new Map<string, Catalog>();
  let turn: Promise<unknown> = Promise.resolve();

  async function run(facts: SessionFacts, sql: string, binds: unknown[]): Promise<Rows> {
    const verb = (tokenize(sql).find(({ kind }) => kind === 'word')?.text ?? '').toUpperCase();
    if (verb === 'SELECT' && !/\bFROM\b/.test(sql)) return select(duck, sessionSql(facts, sql), binds);
    const { database, schema } = facts;
    const catalog = database === undefined ? undefined : catalogs.get(database);
    if (!catalog || schema !== 'PUBLIC') {
      throw new SnowflakeRefusal(
        '090106',
        '22000',
        `Cannot perform ${verb}. This session does not have a current schema.`,
      );
    }
    refuseDenied(denied, verb, sql);
    await duck.run(`SET search_path = 'db_${database},main'`);
    return await byVerb(duck, { verb, catalog, binds, sql });
  }

  return {
    create: async database => {
      turn = turn.then(async () => {
        await duck.run(`DROP SCHEMA IF EXISTS "db_${database}" CASCADE`);
        await duck.run(`CREATE SCHEMA "db_${database}"`);
        catalogs.set(database, new Map());
      });
      await turn;
    },
    has: database => catalogs.has(database),
    run: async (facts, sql, binds) => {
      const mine = turn.then(() => run(facts, sql, binds)).catch(error => Promise.reject(refusalOf(error)));
      turn = mine.catch(() => undefined);
      return await mine;
    },
    close: () => {
      duck.closeSync();
      instance.closeSync();
    },
  };
}

interface Work {
  verb: string;
  catalog: Catalog;
  binds: unknown[];
  sql: string;
}

async function byVerb(duck: DuckDBConnection, { verb, catalog, binds, sql }: Work): Promise<Rows> {
  if (verb === 'DESCRIBE' || verb === 'DESC') {
    const quoted = tokenize(sql).find(({ kind }) => kind === 'quoted')?.text ?? '';
    return objects(describeTable(catalog, nameIn(quoted)));
  }
  const define = { CREATE: createTable, ALTER: alterTable, DROP: dropTable }[verb];
  if (define) {
    const statement = define(catalog, sql);
    if (statement) await duck.run(statement);
    return objects([{ status: 'Statement executed successfully.' }]);
  }
  if (verb === 'SELECT') return await select(duck, translate(sql), binds);
  if (verb === 'MERGE') return await merge(duck, translate(sql), binds);
  if (!['INSERT', 'UPDATE', 'DELETE'].includes(verb)) throw syntaxError(verb);
  const changed = await duck.run(translate(sql), binds as string[]);
  return counts({
    [`number of rows ${{ INSERT: 'inserted', UPDATE: 'updated' }[verb] ?? 'deleted'}`]: changed.rowsChanged,
  });
}

const MERGE =
  /^MERGE INTO (?<target>"(?:[^"]|"")+") AS t USING (?<source>\(.*\)) AS s ON (?<condition>.*?) WHEN (?<rest>.*)$/s;

/** Snowflake refuses a source of which two rows meet in one row of the target; DuckDB takes either of them. */
async function merge(duck: DuckDBConnection, sql: string, binds: unknown[]): Promise<Rows> {
  const { target, source, condition, rest = '' } = MERGE.exec(sql)?.groups ?? {};
  if (!target) throw syntaxError('MERGE');
  const meeting = `SELECT count(*), count(DISTINCT t.rowid) FROM ${target} AS t JOIN ${source} AS s ON ${condition}`;
  const [[pairs = 0, rows = 0] = []] = (await duck.runAndReadAll(meeting, binds as string[])).getRows();
  if (Number(pairs) !== Number(rows)) {
    throw new SnowflakeRefusal(
      '100090',
      '42P18',
      'Duplicate row detected during DML action\nRow Values: [...]',
    );
  }
  const changed = (await duck.run(sql, binds as string[])).rowsChanged;
  const updated = rest.includes('THEN UPDATE') ? Number(pairs) : 0;
  return counts({
    ...(rest.includes('THEN INSERT') && { 'number of rows inserted': changed - updated }),
    ...(rest.includes('THEN UPDATE') && { 'number of rows updated': updated }),
  });
}

async function select(duck: DuckDBConnection, sql: string, binds: unknown[]): Promise<Rows> {
  const result = await duck.runAndReadAll(sql, binds as string[]);
  const types = result.columnTypes().map(type => typeOf(String(type)));
  return {
    columns: result.columnNames().map((name, at) => ({ name: fromDuck(name), type: types[at] ?? 'text' })),
    rows: result.getRows(),
  };
}

function typeOf(duckType: string): Rows['columns'][number]['type'] {
  if (duckType === 'DOUBLE') return 'real';
  if (duckType === 'BOOLEAN') return 'boolean';
  return /INT$|^DECIMAL/.test(duckType) ? 'fixed' : 'text';
}

function objects(rows: Record<string, unknown>[]): Rows {
  const names = Object.keys(rows[0] ?? {});
  return {
    columns: names.map(name => ({ name, type: 'text' })),
    rows: rows.map(row => names.map(name => row[name])),
  };
}

function counts(row: Record<string, number>): Rows {
  return { columns: Object.keys(row).map(name => ({ name, type: 'fixed' })), rows: [Object.values(row)] };
}

function sessionSql(facts: SessionFacts, sql: string): string {
  const values: Record<string, string | undefined> = {
    VERSION: '9.0.0-stand-in',
    ROLE: facts.role,
    WAREHOUSE: facts.warehouse,
    DATABASE: facts.database,
    SCHEMA: facts.schema,
  };
  return translate(sql).replace(/CURRENT_([A-Z]+)\(\)/g, (_, what: string) =>
    values[what] === undefined ? 'CAST(NULL AS VARCHAR)' : `'${values[what].replaceAll("'", "''")}'`,
  );
}

function refuseDenied(denied: ReadonlySet<string>, verb: string, sql: string): void {
  const needs = verb === 'MERGE' ? ['INSERT', 'UPDATE'].filter(each => sql.includes(`THEN ${each}`)) : [verb];
  if (!needs.some(each => denied.has(each))) return;
  const name = tokenize(sql).find(({ kind }) => kind === 'quoted')?.text ?? '';
  const what = verb === 'CREATE' ? "schema 'PUBLIC'" : `table '${nameIn(name)}'`;
  throw new SnowflakeRefusal(
    '003001',
    '42501',
    `SQL access control error:\nInsufficient privileges to operate on ${what}`,
  );
}

/** DuckDB's errors as Snowflake says them. */
function refusalOf(error: unknown): unknown {
  if (error instanceof SnowflakeRefusal) return error;
  const text = (error as Error).message;
  const value = /string '([^']*)'/i.exec(text)?.[1] ?? '';
  if (/^Conversion Error|^Invalid Input Error/.test(text)) {
    return new SnowflakeRefusal('100038', '22018', `Numeric value '${value}' is not recognized`);
  }
  const required = /^Constraint Error: NOT NULL constraint failed: \S+\.(\S+)/.exec(text)?.[1];
  if (required)
    return new SnowflakeRefusal(
      '100072',
      '22000',
      `NULL result in a non-nullable column '${fromDuck(required)}'`,
    );
  if (/^Constraint Error: CHECK/.test(text)) {
    return new SnowflakeRefusal('100078', '22000', "String '...' is too long and would be truncated");
  }
  if (/^Catalog Error: Table/.test(text)) {
    return new SnowflakeRefusal(
      '002003',
      '42S02',
      `SQL compilation error:\nObject does not exist or not authorized.`,
    );
  }
  if (/^Binder Error/.test(text))
    return new SnowflakeRefusal('000904', '42000', `SQL compilation error:\ninvalid identifier (${text})`);
  return new SnowflakeRefusal('001003', '42000', `SQL compilation error:\n${text}`);
}
