import { PackError } from '../../../contract/errors.ts';
import { DeadlineError } from '../shared/deadline.ts';

/** Result codes of SQLite (https://sqlite.org/rescode.html), without what extends them. */
const CODES = {
  error: 1,
  busy: 5,
  locked: 6,
  io: 10,
  full: 13,
  cannotOpen: 14,
  tooBig: 18,
  constraint: 19,
  mismatch: 20,
};
const AWAY = new Set([CODES.busy, CODES.locked, CODES.io, CODES.full, CODES.cannotOpen]);
/** Of an error without a code of its own it is not known whom it concerns: it is looked for by halves. */
const ROWS = new Set([CODES.error, CODES.tooBig, CODES.constraint, CODES.mismatch]);
/** Wrong for every row. */
const OF_ALL = /because it is a view|syntax error|no such (table|column)|has no column/;

/** An error of SQLite as callers see it. Its texts name columns and never a value. */
export function wrapSqlite(error: unknown, doing: string): PackError {
  if (error instanceof PackError) return error;
  if (error instanceof DeadlineError) {
    const message = `sqlite: ${doing} took longer than the call may: it can be tried again`;
    return new PackError('TIMEOUT', message, { retryable: true, cause: error });
  }
  const { message, errcode } = error as { message?: string; errcode?: number };
  const said = `sqlite: ${doing}: ${message ?? String(error)}`;
  const code = (errcode ?? 0) & 0xff;
  if (AWAY.has(code)) return new PackError('UNAVAILABLE', said, { cause: error, retryable: true });
  const details = {
    ...(ROWS.has(code) && !OF_ALL.test(said) && { rows: true }),
    ...(/no such (table|column)|has no column/.test(said) && { stale: true }),
  };
  if (/ON CONFLICT clause does not match/.test(said)) {
    const way = 'make a unique index over primary_key_fields';
    return new PackError('WAREHOUSE_ERROR', `${said}: ${way}`, { cause: error });
  }
  return new PackError('WAREHOUSE_ERROR', said, { cause: error, details });
}
