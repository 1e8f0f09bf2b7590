import { PackError } from '../../../contract/errors.ts';
import type { Cell } from '../../core/destinations.ts';
import type { Batch, Column } from '../engine.ts';
import { shown } from './cells.ts';

/** Sends one value to its column's type and nowhere else; throws what the warehouse has against it, wrapped. */
export type TryValue = (column: Column, value: Cell) => Promise<unknown>;

/**
 * The error of a batch with the column that is at fault, for warehouses that do not say it. Of a single row it can be
 * found out: a value whose column is of a type that kvflow does not know itself is tried alone.
 */
export async function withFaultyColumn(error: unknown, batch: Batch, tryValue: TryValue): Promise<unknown> {
  if (!isAboutRows(error) || batch.rows !== 1 || error.details.column !== undefined) return error;
  const column = await faultyColumn(batch, tryValue);
  if (column === undefined) return error;
  const which = column.sqlType === undefined ? '' : `, ${column.sqlType}`;
  return new PackError(error.code, `${error.message} (column ${shown(column.name)}${which})`, {
    cause: error.cause,
    details: { ...error.details, column: shown(column.name).slice(1, -1) },
  });
}

async function faultyColumn(batch: Batch, tryValue: TryValue): Promise<Column | undefined> {
  for (const [at, column] of batch.columns.entries()) {
    const value = batch.values[at]?.[0] ?? null;
    if (value === null || (column.kind !== 'other' && column.castType === undefined)) continue;
    const fault = await tryValue(column, value).then(
      () => undefined,
      error => error,
    );
    if (isAboutRows(fault)) return column;
  }
  return undefined;
}

function isAboutRows(error: unknown): error is PackError {
  return error instanceof PackError && error.details.rows === true;
}
