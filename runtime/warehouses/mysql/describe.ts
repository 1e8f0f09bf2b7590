import { PackError } from '../../../contract/errors.ts';
import type { Call } from '../../core/call.ts';
import type { Table } from '../engine.ts';
import { NAMES_MARK } from '../engine.ts';
import { shown } from '../shared/cells.ts';
import type { MysqlPool, Session } from './pool.ts';
import type { MysqlColumn } from './types.ts';
import { FLAGS_MARK, kindOfType } from './types.ts';

/** A table with what the statements need to know of it. */
export interface MysqlTable extends Table {
  columns: ReadonlyMap<string, MysqlColumn>;
  /** Columns of each unique index, the primary key's among them, in order. */
  uniqueKeys: readonly (readonly string[])[];
  /** Columns that an insert must give. */
  required: readonly string[];
}

const TABLE = `SELECT t.TABLE_TYPE, t.ENGINE, e.TRANSACTIONS, t.TABLE_COMMENT FROM information_schema.TABLES t
  LEFT JOIN information_schema.ENGINES e ON e.ENGINE = t.ENGINE
  WHERE t.TABLE_SCHEMA = DATABASE() AND t.TABLE_NAME = ?`;
const COLUMNS = `SELECT COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, COLLATION_NAME, CHARACTER_SET_NAME, COLUMN_COMMENT,
  IS_NULLABLE = 'NO' AND COLUMN_DEFAULT IS NULL AND EXTRA = '' AS REQUIRED
  FROM information_schema.COLUMNS
  WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION`;
const JSON_CHECKS = `SELECT CHECK_CLAUSE FROM information_schema.CHECK_CONSTRAINTS
  WHERE CONSTRAINT_SCHEMA = DATABASE() AND TABLE_NAME = ?`;
const KEYS = `SELECT INDEX_NAME, COLUMN_NAME, SUB_PART FROM information_schema.STATISTICS
  WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? AND NON_UNIQUE = 0 ORDER BY INDEX_NAME, SEQ_IN_INDEX`;

/** The table as it is; undefined where there is none. Names of columns are compared in lower case, as MySQL does. */
export async function describeTable(
  pool: MysqlPool,
  call: Call,
  name: string,
): Promise<MysqlTable | undefined> {
  checkName(name);
  return await pool.run(call, `looking at table ${shown(name)}`, async session => {
    const [found] = await session.execute(TABLE, [name]);
    if (!found) return undefined;
    checkTable(name, found);
    const { columns, required } = await columnsOf(session, name);
    const uniqueKeys = await uniqueKeysOf(session, name);
    return {
      name,
      columns,
      primaryKey: uniqueKeys.get('PRIMARY') ?? [],
      uniqueKeys: [...uniqueKeys.values()],
      required,
      isMarked: String(found[3]).includes(NAMES_MARK),
    };
  });
}

/** Values may be any text; names of tables are not. */
function checkName(name: string): void {
  if (!/[\u{10000}-\u{10ffff}]| $/u.test(name)) return;
  const what = name.endsWith(' ') ? 'end in a space' : 'hold characters above U+FFFF, such as emoji';
  throw new PackError('WAREHOUSE_ERROR', `mysql: the name of a table cannot ${what}: rename ${shown(name)}`);
}

function checkTable(name: string, [type, engine, transactions]: unknown[]): void {
  if (type === 'VIEW')
    throw new PackError('WAREHOUSE_ERROR', `mysql: ${shown(name)} is a view: name its table`);
  if (transactions === 'YES') return;
  throw new PackError(
    'WAREHOUSE_ERROR',
    `mysql: table ${shown(name)} has the engine ${engine}, which has no transactions: ALTER TABLE ... ENGINE = InnoDB`,
  );
}

async function columnsOf(session: Session, table: string): Promise<Pick<MysqlTable, 'columns' | 'required'>> {
  const columns = new Map<string, MysqlColumn>();
  const required: string[] = [];
  const checked = await jsonChecked(session, table);
  const found = await session.execute(COLUMNS, [table]);
  for (const [column, dataType, columnType, collation, charset, comment, isRequired] of found) {
    const name = String(column).toLowerCase();
    const sqlType = String(columnType);
    const isOfFlags = comment === FLAGS_MARK;
    const kind = isOfFlags ? 'boolean' : kindOfType(String(dataType).toLowerCase(), sqlType.toLowerCase());
    const text = collation === null ? {} : { collation: String(collation), charset: String(charset) };
    const isJson = dataType === 'json' || checked.has(name);
    columns.set(name, {
      name,
      kind: isJson ? 'other' : kind,
      sqlType,
      ...text,
      ...(isJson && { json: true }),
    });
    if (Number(isRequired) === 1) required.push(name);
  }
  return { columns, required };
}

/** MariaDB's JSON is a LONGTEXT with a check. */
async function jsonChecked(session: Session, table: string): Promise<Set<string>> {
  if (session.dialect.name !== 'MariaDB') return new Set();
  const rows = await session.execute(JSON_CHECKS, [table]);
  const names = rows.map(([clause]) => /^json_valid\(`([^`]+)`\)$/i.exec(String(clause))?.[1]?.toLowerCase());
  return new Set(names.flatMap(name => name ?? []));
}

/** Of the indexes over whole columns: a prefix makes no key. */
async function uniqueKeysOf(session: Session, table: string): Promise<Map<string, string[]>> {
  const keys = new Map<string, string[]>();
  const partial = new Set<string>();
  for (const [index, column, part] of await session.execute(KEYS, [table])) {
    const name = String(index);
    if (part !== null || column === null) partial.add(name);
    keys.set(name, [...(keys.get(name) ?? []), String(column).toLowerCase()]);
  }
  // It still makes an insert meet another row, so it is kept under columns that no key can have.
  for (const name of partial) keys.set(name, ['']);
  return keys;
}
