import { PackError } from '../../../contract/errors.ts';
import type { Call } from '../../core/call.ts';
import type { Column } from '../engine.ts';
import { NAMES_MARK } from '../engine.ts';
import { columnError, shown } from '../shared/cells.ts';
import type { MysqlDialect } from './dialect.ts';
import { isErrno } from './errors.ts';
import type { MysqlPool } from './pool.ts';
import { quoted } from './sql.ts';
import { keyCharacters, typeOfKind } from './types.ts';

const TABLE_EXISTS = 1050;
const COLUMN_EXISTS = 1060;
const UNKNOWN_TYPE = [1064, 1074, 1101, 1118, 1426, 4161];

/** Makes a table. That another made it meanwhile is no error. */
export async function createTable(
  pool: MysqlPool,
  call: Call,
  table: { name: string; columns: readonly Column[]; primaryKey: readonly string[] },
): Promise<void> {
  await pool.run(call, `creating table ${shown(table.name)}`, async ({ dialect, query }) => {
    const statement = createStatement(dialect, table.name, table.columns, table.primaryKey);
    await query(statement).catch(error => {
      if (!isErrno(error, TABLE_EXISTS)) throw aboutType(error, table.columns);
    });
  });
}

/** The statement; also what messages and docs tell the user to run. */
export function createStatement(
  dialect: MysqlDialect,
  name: string,
  columns: readonly Column[],
  primaryKey: readonly string[],
): string {
  const inKey = columns.filter(column => primaryKey.includes(column.name));
  const lines = [...columns].map(column =>
    primaryKey.includes(column.name)
      ? `${quoted(column.name)} ${keyType(column, inKey)} NOT NULL`
      : `${quoted(column.name)} ${typeOf(column)} NULL`,
  );
  const key = `PRIMARY KEY (${primaryKey.map(quoted).join(', ')})`;
  return (
    `CREATE TABLE IF NOT EXISTS ${quoted(name)} (\n  ${[...lines, key].join(',\n  ')}\n)` +
    ` ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE ${dialect.exactCollation} COMMENT '${NAMES_MARK}'`
  );
}

/** Adds columns. Those that another added meanwhile are left as they are. */
export async function addColumns(
  pool: MysqlPool,
  call: Call,
  table: { name: string; columns: readonly Column[] },
): Promise<void> {
  await pool.run(call, `adding columns to table ${shown(table.name)}`, async ({ dialect, query }) => {
    const add = (column: Column): string =>
      `ADD COLUMN ${quoted(column.name)} ${newType(dialect, column)} NULL`;
    const alter = (columns: readonly Column[]): Promise<unknown> =>
      query(`ALTER TABLE ${quoted(table.name)} ${columns.map(add).join(', ')}`);
    try {
      await alter(table.columns);
    } catch (error) {
      if (!isErrno(error, COLUMN_EXISTS)) throw aboutType(error, table.columns);
      for (const column of table.columns) {
        await alter([column]).catch(each => {
          if (!isErrno(each, COLUMN_EXISTS)) throw aboutType(each, [column]);
        });
      }
    }
  });
}

/** The type of a column to add: a table that is there may have another default collation. */
export function newType(dialect: MysqlDialect, column: Column): string {
  const type = typeOf(column);
  const isText = column.sqlType === undefined && type === 'LONGTEXT';
  return isText ? `${type} CHARACTER SET utf8mb4 COLLATE ${dialect.exactCollation}` : type;
}

function typeOf(column: Column): string {
  return column.sqlType ?? typeOfKind(column.kind);
}

function keyType(column: Column, inKey: readonly Column[]): string {
  const isText = column.sqlType === undefined && (column.kind === 'text' || column.kind === 'other');
  return isText ? `VARCHAR(${keyCharacters(inKey)})` : typeOf(column);
}

/** A type that the user asked for and the server does not know is the fault of the event that asked. */
function aboutType(error: unknown, columns: readonly Column[]): unknown {
  const asked = columns.filter(column => column.sqlType !== undefined);
  const [first] = asked;
  if (!first || error instanceof PackError || !isErrno(error, ...UNKNOWN_TYPE)) return error;
  const types = asked.map(column => `${column.name} ${shown(column.sqlType ?? '')}`).join(', ');
  return columnError(first.name, `mysql: the server does not take one of the types asked for: ${types}`, {
    details: { rows: true },
    cause: error,
  });
}
