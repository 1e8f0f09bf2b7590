import { types } from 'node:util';
import { PackError } from '../../../contract/errors.ts';
import { columnError, shown } from '../shared/cells.ts';

/** An error of the server or the driver, by its number or name. */
interface MysqlError extends Error {
  code?: string;
  errno?: number;
  fatal?: boolean;
}

/** The connection is gone, or could not be made. */
const LOST = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
]);
/** The server is there and cannot serve now: too many connections, disk or table space full, read-only while failing over. */
const BUSY = new Set([1021, 1040, 1041, 1114, 1203, 1226, 1290, 1792, 1836, 1213]);
/** Rolled back for another's sake, or (1412, 1615) the table was being changed by another: the same works when repeated. */
const REPEATABLE = new Set([1213, 1412, 1615]);
/** Another transaction holds a row, for longer than it is waited for. */
const LOCKED = 1205;
const INTERRUPTED = new Set([1317, 1969, 3024]);
/** One row's value is at fault; the text says what it is about the value. */
const ROWS = new Map([
  [1048, 'must not be NULL'],
  [1062, 'is already in another row, and an index wants it unique'],
  [1136, 'does not fit'],
  [1153, 'makes the row longer than max_allowed_packet'],
  [1216, 'is in no row of the table that a foreign key names'],
  [1264, 'is out of range'],
  [1265, 'would be cut'],
  [1292, 'is no value of the type'],
  [1364, 'has no default'],
  [1366, 'is no value of the type, or holds characters that its character set lacks'],
  [1406, 'is too long'],
  [1367, 'is no value of the type'],
  [1411, 'is no value of the type'],
  [1441, 'is out of range'],
  [1452, 'is in no row of the table that a foreign key names'],
  [1525, 'is no value of the type'],
  [1690, 'is out of range'],
  [1906, 'is computed by the table itself'],
  [3105, 'is computed by the table itself'],
  [3140, 'is no JSON'],
  [3854, 'holds characters that its character set lacks'],
  [3988, 'holds characters that its character set lacks'],
  [3819, 'breaks a CHECK constraint'],
  [4025, 'breaks a CHECK constraint'],
]);
/** Too many columns, or more of text than a page has room for: no one value is at fault. */
const TOO_WIDE = new Set([1117, 1118]);
const WIDE =
  'the event has more fields than the table has room for, which is some 200 columns of text that are filled, and 1,017 in all. ' +
  'Where a type is declared for a column (__sql_type_), it may be too long for a row. ' +
  'Have an object of them stored whole, in one column of JSON, with "__sql_type_<object>": "json" beside it in the event; ' +
  'a table that is full already takes no further column: drop some that nobody needs, or name another table (docs/warehouses/mysql.md)';
/** Of these, where the column does not take the value. */
const OF_VALUES = new Set([1264, 1265, 1292, 1366, 1367, 1406, 1411, 1441, 1525, 1690, 3140, 3854, 3988]);
/** The server is going down, or ended the connection. */
const LOST_NUMBERS = new Set([1053, 1927, 4031]);
/** The table, or a column, is not what it was described as. */
const STALE = new Set([1054, 1072, 1146]);
const FORBIDDEN = new Set([1044, 1045, 1142, 1143, 1227, 1370, 1410, 1698]);
/** Wrong for every row: no such database, a statement that the server does not understand. */
const OF_ALL = new Set([1049, 1064, 1149]);

/** Whether the server rolled the work back, or refused to begin it, for another's sake: it may be done again at once. */
export function isRepeatable(error: unknown): boolean {
  return isMysqlError(error) && REPEATABLE.has(error.errno ?? 0);
}

/** Whether the connection is gone. */
export function isLost(error: unknown): boolean {
  if (!isMysqlError(error)) return false;
  // What the driver itself says of a connection that was closed has no number.
  return (
    LOST.has(error.code ?? '') || LOST_NUMBERS.has(error.errno ?? 0) || (error.fatal === true && !error.errno)
  );
}

/** Whether the error has one of the server's numbers. */
export function isErrno(error: unknown, ...numbers: number[]): boolean {
  return isMysqlError(error) && numbers.includes(error.errno ?? 0);
}

/** Turns what the driver or the server threw into a PackError. Values of events are never part of it. */
export function wrapMysql(error: unknown, doing: string): PackError {
  if (error instanceof PackError) return error;
  if (!isMysqlError(error)) return new PackError('INTERNAL', `mysql: ${doing} failed`, { cause: error });
  const errno = error.errno ?? 0;
  if (INTERRUPTED.has(errno)) return timedOut(doing, error);
  if (errno === LOCKED) {
    const message = `mysql: ${doing}: another transaction holds a row of it; it can be tried again`;
    return new PackError('TIMEOUT', message, { retryable: true, details: { locked: true }, cause: error });
  }
  if (BUSY.has(errno)) {
    return new PackError('UNAVAILABLE', `mysql: ${doing}: ${error.message}`, {
      retryable: true,
      cause: error,
    });
  }
  // Of the authority, the host's name, or the server's want of TLS: the driver's text says which.
  if (/^HANDSHAKE_/.test(error.code ?? '')) {
    const way = "check ssl-mode and ssl-ca in the destination's url";
    const options = { retryable: true, cause: error };
    return new PackError('UNAVAILABLE', `mysql: ${doing}: ${error.message}: ${way}`, options);
  }
  if (isLost(error)) {
    return new PackError(
      'UNAVAILABLE',
      `mysql: ${doing}: the server cannot be reached (${error.code ?? 'closed'}): is it up, and are host and port right in the destination's url?`,
      { retryable: true, cause: error },
    );
  }
  if (TOO_WIDE.has(errno)) {
    const options = { details: { rows: true }, cause: error };
    return new PackError('WAREHOUSE_ERROR', `mysql: ${doing}: ${WIDE}`, options);
  }
  const aboutValue = ROWS.get(errno);
  if (aboutValue !== undefined) return aboutRow(error, doing, aboutValue, OF_VALUES.has(errno));
  if (STALE.has(errno)) {
    const details = { stale: true };
    return new PackError('WAREHOUSE_ERROR', `mysql: ${doing}: ${error.message}`, { details, cause: error });
  }
  const isForbidden = FORBIDDEN.has(errno);
  const hint = isForbidden ? ' (see the grants in docs/warehouses/mysql.md)' : '';
  // What nobody foresaw, such as a trigger's SIGNAL, is taken to be about one of the rows.
  const details = isForbidden ? { forbidden: true } : errno === 0 || OF_ALL.has(errno) ? {} : { rows: true };
  return new PackError('WAREHOUSE_ERROR', `mysql: ${doing}: ${error.message}${hint}`, {
    details,
    cause: error,
  });
}

/** TIMEOUT of a statement that was ended. */
export function timedOut(doing: string, cause?: unknown): PackError {
  return new PackError(
    'TIMEOUT',
    `mysql: ${doing} took longer than the call may: it was ended and can be tried again`,
    {
      retryable: true,
      cause,
    },
  );
}

function aboutRow(error: MysqlError, doing: string, aboutValue: string, isValue: boolean): PackError {
  const column = columnOf(error.message);
  const options = { details: { rows: true, ...(isValue && { value: true }) }, cause: error };
  if (column === undefined) {
    return new PackError('WAREHOUSE_ERROR', `mysql: ${doing}: a value ${aboutValue}`, options);
  }
  return columnError(column, `mysql: ${doing}: the value of column ${shown(column)} ${aboutValue}`, options);
}

/** Such as "... for column 'n' at row 1", "... for column `d`.`t`.`n` at row 1", "Field 'n' doesn't have ...". */
function columnOf(message: string): string | undefined {
  const found = /(?:for column|^Column|^Field) (?:`[^`]*`\.`[^`]*`\.)?[`']([^`']+)[`']/.exec(message);
  return found?.[1];
}

function isMysqlError(error: unknown): error is MysqlError {
  // Tests run in a realm of their own, where Node's errors are of another `Error`.
  return types.isNativeError(error) && ('errno' in error || 'fatal' in error || 'code' in error);
}
