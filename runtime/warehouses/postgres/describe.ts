import type { Column, Table } from '../engine.ts';
import { NAMES_MARK } from '../engine.ts';
import { kindOfType } from './dialect.ts';
import type { Session } from './session.ts';

const COLUMNS = `
  SELECT a.attname, format_type(a.atttypid, a.atttypmod), array_position(i.indkey::int2[], a.attnum),
    obj_description(c.oid, 'pg_class')
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_catalog.pg_index i ON i.indrelid = c.oid AND i.indisprimary
  WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p', 'f', 'v')
  ORDER BY a.attnum`;

/** A table as the catalog has it; undefined: there is none. */
export async function describeTable(
  session: Session,
  schema: string,
  name: string,
): Promise<Table | undefined> {
  const rows = await session.query(COLUMNS, [schema, name]);
  if (rows.length === 0) return undefined;
  return tableOf(
    name,
    rows[0]?.[3],
    rows.map(([column, sqlType, position]) => ({
      name: column ?? '',
      sqlType: sqlType ?? '',
      position: position == null ? undefined : Number(position),
    })),
  );
}

/** A column as a catalog tells it; `position` within the primary key. */
export interface CatalogColumn {
  name: string;
  sqlType: string;
  position: number | undefined;
}

/** A table made of what a catalog tells, its comment among it. */
export function tableOf(
  name: string,
  comment: string | null | undefined,
  found: readonly CatalogColumn[],
): Table {
  const columns = new Map<string, Column>();
  for (const { name: column, sqlType } of found) {
    const isJson = /^(jsonb?|super)$/.test(sqlType);
    columns.set(column, { name: column, kind: kindOfType(sqlType), sqlType, ...(isJson && { json: true }) });
  }
  const primaryKey = found
    .flatMap(({ name: column, position }) => (position === undefined ? [] : [{ column, position }]))
    .sort((a, b) => a.position - b.position)
    .map(({ column }) => column);
  return { name, columns, primaryKey, isMarked: comment?.includes(NAMES_MARK) === true };
}
