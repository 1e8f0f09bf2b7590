import type { Call } from '../../core/call.ts';
import type { Column } from '../engine.ts';
import { NAMES_MARK } from '../engine.ts';
import { columnError, shown } from '../shared/cells.ts';
import type { Clickhouse } from './client.ts';
import { quoted } from './sql.ts';
import { isOpaque, newType } from './types.ts';

/** The column of a row's version in tables that kvflow makes. No field of an event becomes a column with a capital. */
export const VERSION_COLUMN = 'kvflowVersion';

/** A table to make or to widen. */
export interface Definition {
  name: string;
  columns: readonly Column[];
  primaryKey: readonly string[];
}

/** Makes a table. That another made it meanwhile is no error. */
export async function createTable(clickhouse: Clickhouse, call: Call, table: Definition): Promise<void> {
  const doing = `creating table ${shown(table.name)}`;
  await tellType(table.columns, () => clickhouse.command(call, doing, createStatement(table)));
}

/** The statement that makes a table. */
export function createStatement({ name, columns, primaryKey }: Definition): string {
  const lines = columns.map(
    column => `${quoted(column.name)} ${newType(column, primaryKey.includes(column.name))}`,
  );
  return (
    `CREATE TABLE IF NOT EXISTS ${quoted(name)} (\n  ${[...lines, `${VERSION_COLUMN} UInt64`].join(',\n  ')}\n)` +
    ` ENGINE = ReplacingMergeTree(${VERSION_COLUMN}) ORDER BY (${primaryKey.map(quoted).join(', ')}) COMMENT '${NAMES_MARK}'`
  );
}

/** Adds columns. Those that another added meanwhile are left as they are. */
export async function addColumns(
  clickhouse: Clickhouse,
  call: Call,
  { name, columns }: Omit<Definition, 'primaryKey'>,
): Promise<void> {
  const adds = columns.map(
    column => `ADD COLUMN IF NOT EXISTS ${quoted(column.name)} ${newType(column, false)}`,
  );
  const statement = `ALTER TABLE ${quoted(name)} ${adds.join(', ')}`;
  await tellType(columns, () =>
    clickhouse.command(call, `adding columns to table ${shown(name)}`, statement),
  );
}

/** A type that was asked for and is not known is the fault of the event that asked. */
async function tellType(columns: readonly Column[], work: () => Promise<void>): Promise<void> {
  const opaque = columns.find(column => isOpaque(newType(column, false)));
  if (opaque)
    throw columnError(
      opaque.name,
      `clickhouse: column ${shown(opaque.name)} is to be ${shown(opaque.sqlType ?? '')}, which cannot be copied from one version of a row to the next unchanged`,
      { details: { rows: true } },
    );
  try {
    await work();
  } catch (error) {
    const asked = columns.filter(column => column.sqlType !== undefined);
    const [first] = asked;
    const cause = error instanceof Error ? error.cause : undefined;
    if (!first || !isAboutType(cause)) throw error;
    const types = asked.map(column => `${column.name} ${shown(column.sqlType ?? '')}`).join(', ');
    throw columnError(
      first.name,
      `clickhouse: the server does not take one of the types asked for: ${types}`,
      {
        details: { rows: true },
        cause: error,
      },
    );
  }
}

/** Unknown type, wrong arguments of one, no Nullable of it, one that must be allowed first, or not even syntax. */
function isAboutType(error: unknown): boolean {
  const codes = ['35', '36', '42', '43', '44', '50', '62', '69', '71', '457'];
  return typeof error === 'object' && error !== null && 'code' in error && codes.includes(String(error.code));
}
