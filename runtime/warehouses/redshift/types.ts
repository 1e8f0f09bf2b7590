import type { Cell } from '../../core/destinations.ts';
import type { Column } from '../engine.ts';
import { baseOf, kindOfType } from '../postgres/dialect.ts';
import type { Session } from '../postgres/session.ts';

/** Most bytes of a varchar. */
export const MAX_TEXT = 65_535;

const TEXT = `character varying(${MAX_TEXT})`;

const COLUMN_TYPES: Record<Column['kind'], string> = {
  // Redshift's own `text` is a varchar(256).
  text: TEXT,
  other: TEXT,
  bigint: 'bigint',
  double: 'double precision',
  boolean: 'boolean',
  timestamp: 'timestamp with time zone',
};

/** The type to make a column as, in a table or in a table of rows to write. */
export function typeOf(column: Column): string {
  return column.sqlType ?? COLUMN_TYPES[column.kind];
}

/** A bind as the column takes it. A cast of text names the whole length: without one it would cut at 256. */
export function intoColumn(column: Column, bind: string): string {
  if (column.castType !== undefined) return `${bind}::${column.castType}`;
  if (column.kind === 'text') return `${bind}::${TEXT}`;
  if (isWithoutZone(column)) return `(${bind}::timestamp with time zone AT TIME ZONE 'UTC')`;
  return `${bind}::${typeOf(column)}`;
}

/** Sends a value through its column's type, and nowhere else. */
export async function tryValue(session: Session, column: Column, value: Cell): Promise<void> {
  await session.query(`SELECT ${intoColumn(column, '$1')} IS NULL`, [String(value)]);
}

/** A column as text. Redshift casts no boolean to text, and cuts text that is cast; the driver gives both as they are. */
export function asText(column: Column, value: string): string {
  if (column.kind !== 'timestamp') return value;
  const utc = isWithoutZone(column) ? value : `(${value} AT TIME ZONE 'UTC')`;
  return `to_char(${utc}, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}

function isWithoutZone(column: Column): boolean {
  return column.kind === 'timestamp' && baseOf(typeOf(column)) === 'timestamp without time zone';
}

/** The kind of a type as the catalog names it. */
export const kindOf = kindOfType;
