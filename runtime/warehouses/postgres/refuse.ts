import type { Cell } from '../../core/destinations.ts';
import type { Column } from '../engine.ts';

/** Columns that every table has already. */
const SYSTEM = new Set(['tableoid', 'xmin', 'cmin', 'xmax', 'cmax', 'ctid']);

const WHOLE_NUMBERS: Record<string, { least: number; most: number }> = {
  smallint: { least: -(2 ** 15), most: 2 ** 15 - 1 },
  integer: { least: -(2 ** 31), most: 2 ** 31 - 1 },
};

/** Why PostgreSQL cannot hold a value in a column; undefined: it can. */
export function refuseValue(column: Column, value: Cell): string | undefined {
  if (SYSTEM.has(column.name)) return 'has the name of a system column of PostgreSQL: rename the field';
  if (typeof value === 'string' && value.includes('\0')) {
    return 'holds a NUL character, which PostgreSQL cannot store';
  }
  if (column.sqlType === undefined || column.sqlType === 'text') return undefined;
  const range = column.kind === 'bigint' ? WHOLE_NUMBERS[column.sqlType] : undefined;
  if (range && (Number(value) < range.least || Number(value) > range.most)) {
    return `is of type ${column.sqlType}, and the value is out of its range: ALTER it to bigint`;
  }
  const most = /^character varying\((\d+)\)$/.exec(column.sqlType)?.[1];
  if (most !== undefined && typeof value === 'string' && value.length > Number(most)) {
    const characters = [...value].length;
    if (characters > Number(most))
      return `is of type ${column.sqlType}, and the value has ${characters} characters`;
  }
  return undefined;
}
