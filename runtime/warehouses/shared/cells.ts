import type { ErrorCode, PackErrorOptions } from '../../../contract/errors.ts';
import { PackError } from '../../../contract/errors.ts';
import type { Cell, Cells } from '../../core/destinations.ts';

/**
 * Objects of `Object.create(null)` are hash tables, several times as dear in time and memory as those of a constructor;
 * so this is one, whose objects inherit from an empty one.
 */
function bare(): void {
  // Nothing: columns are what is put in.
}
bare.prototype = Object.freeze(Object.create(null));
const Bare = bare as unknown as new () => Cells<never>;

/** An empty record that inherits nothing, so that a column may be named `__proto__` or `toString`. */
export function noCells<T>(): Cells<T> {
  return new Bare();
}

/** Cells from pairs; the last of two with one name counts. */
export function cellsOf<T>(entries: Iterable<readonly [string, T]>): Cells<T> {
  const cells = noCells<T>();
  for (const [name, value] of entries) cells[name] = value;
  return cells;
}

const SHOWN = 100;

/** A name or value as a message shows it: quoted, control characters escaped, cut after 100 characters. */
export function shown(text: string): string {
  const points = [...text.slice(0, 2 * SHOWN + 2)];
  return JSON.stringify(points.length > SHOWN ? `${points.slice(0, SHOWN).join('')}...` : text);
}

/** WAREHOUSE_ERROR about one column. */
export function columnError(column: string, message: string, options: PackErrorOptions = {}): PackError {
  const details = { column: shown(column).slice(1, -1), ...options.details };
  return new PackError('WAREHOUSE_ERROR', message, { ...options, details });
}

/** The same error with other details: what only the loader needs to know is taken out before a caller sees it. */
export function withoutFlags(error: PackError): PackError {
  const { rows, stale, forbidden, value, ...details } = error.details;
  if ([rows, stale, forbidden, value].every(flag => flag === undefined)) return error;
  const code: ErrorCode = error.code;
  return new PackError(code, error.message, {
    details,
    cause: error.cause,
    ...(error.retryable !== undefined && { retryable: error.retryable }),
  });
}

/** The cells of a row's key. A row that is there has all of them. */
export function keyCells(cells: Cells, key: readonly string[]): Cells {
  const own = noCells<Cell>();
  for (const column of key) own[column] = cells[column] ?? '';
  return own;
}
