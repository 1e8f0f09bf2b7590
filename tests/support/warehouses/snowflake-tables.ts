/** What the stand-in knows of its tables beyond DuckDB: types as Snowflake writes them, keys that are not enforced. */

import { duckType } from './snowflake-sql.ts';
import { nameIn, SnowflakeRefusal, syntaxError, toDuck, tokenize } from './snowflake-tokens.ts';

interface DefinedColumn {
  name: string;
  type: string;
  isRequired: boolean;
  comment: string | null;
}

/** One table. */
export interface DefinedTable {
  columns: DefinedColumn[];
  primaryKey: string[];
}

/** Tables of one schema by name. */
export type Catalog = Map<string, DefinedTable>;

/** Rows of DESCRIBE TABLE. */
export function describeTable(catalog: Catalog, name: string): Record<string, unknown>[] {
  const table = catalog.get(name);
  if (!table) throw noSuchTable(name);
  return table.columns.map(({ name: column, type, isRequired, comment }) => ({
    name: column,
    type: written(type),
    kind: 'COLUMN',
    'null?': isRequired ? 'N' : 'Y',
    default: null,
    'primary key': table.primaryKey.includes(column) ? 'Y' : 'N',
    'unique key': 'N',
    comment,
  }));
}

/** Types as DESCRIBE TABLE writes them. */
function written(type: string): string {
  const upper = type.toUpperCase().replace(/\s+/g, '');
  if (/^(TEXT|VARCHAR|STRING)$/.test(upper)) return 'VARCHAR(16777216)';
  if (/^(NUMBER|DECIMAL|NUMERIC)$/.test(upper)) return 'NUMBER(38,0)';
  if (/^(DOUBLE|FLOAT)$/.test(upper)) return 'FLOAT';
  return /^TIMESTAMP_[A-Z]+$/.test(upper) ? `${upper}(9)` : upper.replace(/^(DECIMAL|NUMERIC)/, 'NUMBER');
}

/** What Snowflake answers for a table that is not there, or not for this role. */
export function noSuchTable(name: string): SnowflakeRefusal {
  return new SnowflakeRefusal(
    '002003',
    '42S02',
    `SQL compilation error:\nTable '${name}' does not exist or not authorized.`,
  );
}

/** Notes a CREATE TABLE down and answers DuckDB's form of it; undefined: it is there, and IF NOT EXISTS says so. */
export function createTable(catalog: Catalog, sql: string): string | undefined {
  const [, unless, quoted = '', body = ''] =
    /^\s*CREATE\s+(?:TRANSIENT\s+)?TABLE\s+(IF NOT EXISTS\s+)?("(?:[^"]|"")+")\s*\(([\s\S]*)\)\s*$/i.exec(
      sql,
    ) ?? [];
  if (!quoted) throw syntaxError(sql.slice(0, 30));
  const name = nameIn(quoted);
  if (catalog.has(name)) {
    if (unless) return undefined;
    throw new SnowflakeRefusal('002002', '42710', `SQL compilation error:\nObject '${name}' already exists.`);
  }
  const table: DefinedTable = { columns: [], primaryKey: [] };
  for (const line of splitAtCommas(body)) {
    const key = /^PRIMARY KEY\s*\((.*)\)$/is.exec(line)?.[1];
    if (key) table.primaryKey = splitAtCommas(key).map(nameIn);
    else table.columns.push(readColumn(line));
  }
  const duplicate = table.columns.find(
    ({ name: one }, at) => table.columns.findIndex(({ name: other }) => other === one) < at,
  );
  if (duplicate)
    throw new SnowflakeRefusal(
      '002025',
      '42S21',
      `SQL compilation error:\nduplicate column name '${duplicate.name}'`,
    );
  const lines = table.columns.map(duckColumn);
  catalog.set(name, table);
  return `CREATE TABLE ${toDuck(name)} (${lines.join(', ')})`;
}

/** Notes an ALTER TABLE down: ADD COLUMN, or DROP COLUMN. Undefined: the column is there. */
export function alterTable(catalog: Catalog, sql: string): string | undefined {
  const [, from = '', dropped = ''] =
    /^\s*ALTER\s+TABLE\s+("(?:[^"]|"")+")\s+DROP\s+COLUMN\s+("(?:[^"]|"")+")\s*$/i.exec(sql) ?? [];
  if (!from) return addColumn(catalog, sql);
  const table = catalog.get(nameIn(from));
  if (!table) throw noSuchTable(nameIn(from));
  table.columns = table.columns.filter(({ name }) => name !== nameIn(dropped));
  return `ALTER TABLE ${toDuck(nameIn(from))} DROP COLUMN ${toDuck(nameIn(dropped))}`;
}

function addColumn(catalog: Catalog, sql: string): string | undefined {
  const [, quoted = '', unless, line = ''] =
    /^\s*ALTER\s+TABLE\s+("(?:[^"]|"")+")\s+ADD\s+COLUMN\s+(IF NOT EXISTS\s+)?([\s\S]+)$/i.exec(sql) ?? [];
  if (!quoted) throw syntaxError(sql.slice(0, 30));
  const name = nameIn(quoted);
  const table = catalog.get(name);
  if (!table) throw noSuchTable(name);
  const column = readColumn(line.trim());
  if (table.columns.some(({ name: other }) => other === column.name)) {
    if (unless) return undefined;
    throw new SnowflakeRefusal(
      '001430',
      '42601',
      `SQL compilation error:\ncolumn '${column.name}' already exists`,
    );
  }
  const definition = duckColumn(column);
  table.columns.push(column);
  // DuckDB adds no constraints to a table; the length of a later column goes unchecked.
  return `ALTER TABLE ${toDuck(name)} ADD COLUMN ${definition.replace(/ CHECK.*$/, '')}`;
}

/** Forgets a table. */
export function dropTable(catalog: Catalog, sql: string): string {
  const [, quoted = ''] = /^\s*DROP\s+TABLE\s+("(?:[^"]|"")+")\s*$/i.exec(sql) ?? [];
  if (!quoted) throw syntaxError(sql.slice(0, 30));
  if (!catalog.delete(nameIn(quoted))) throw noSuchTable(nameIn(quoted));
  return `DROP TABLE ${toDuck(nameIn(quoted))}`;
}

function readColumn(line: string): DefinedColumn {
  const [, quoted = '', type = '', required, comment = null] =
    /^("(?:[^"]|"")+")\s+(.+?)(\s+NOT NULL)?(?:\s+COMMENT\s+'([^']*)')?$/is.exec(line) ?? [];
  if (!quoted) throw syntaxError(line.slice(0, 30));
  duckType(type);
  return { name: nameIn(quoted), type, isRequired: Boolean(required), comment };
}

function duckColumn({ name, type, isRequired }: DefinedColumn): string {
  const most = /^(?:VARCHAR|TEXT|STRING)\s*\((\d+)\)$/i.exec(type)?.[1];
  const check = most ? ` CHECK (length(${toDuck(name)}) <= ${most})` : '';
  return `${toDuck(name)} ${duckType(type)}${isRequired ? ' NOT NULL' : ''}${check}`;
}

function splitAtCommas(text: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const { kind, text: token } of tokenize(text)) {
    if (kind === 'other' && token === '(') depth += 1;
    if (kind === 'other' && token === ')') depth -= 1;
    if (kind === 'other' && token === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += token;
  }
  return parts.map(part => part.trim());
}
