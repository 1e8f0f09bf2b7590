import { types } from 'node:util';
import { PackError } from '../../../contract/errors.ts';
import { columnError, shown } from '../shared/cells.ts';
import { isCertificateCode } from '../shared/certificate.ts';

/** What the client throws: an error of the server, or one of Node's about the connection. */
interface ClickhouseError extends Error {
  /** The server's number as text, or Node's name of what happened to a connection. */
  code?: string;
  /** The server's name of the number. */
  type?: string;
}

/** The table or a column is not what it was described as. */
const STALE = new Set(['8', '10', '16', '47', '60']);
const TIMED_OUT = new Set(['159', '209', '394']);
/** The server is there and cannot serve now: too much at once, no quorum, no keeper, no memory or disk. */
const BUSY = new Set([
  '201',
  '202',
  '203',
  '210',
  '225',
  '236',
  '241',
  '242',
  '243',
  '252',
  '254',
  '279',
  '285',
  '286',
  '289',
  '319',
  '473',
  '517',
  '999',
]);
/** A value is at fault. */
const ROWS = new Set([
  '6',
  '25',
  '26',
  '27',
  '33',
  '38',
  '41',
  '43',
  '53',
  '69',
  '70',
  '72',
  '117',
  '130',
  '131',
  '321',
  '349',
  '376',
  '407',
  '441',
  '457',
  '469',
  '675',
  '676',
  '691',
]);
/** Of the table: one of its rows is at fault, and no value alone. */
const CONSTRAINT = '469';
/** What every format says of where it was. */
const OF_A_VALUE = /while reading the value of key|\(at row \d+\)/;
/** Wrong for every row: a statement that is not understood, no such database, a table that only reads. */
const OF_ALL = new Set(['46', '48', '62', '81', '242', '344']);
const FORBIDDEN = new Set(['164', '192', '193', '194', '497', '516']);

/** Whether the connection could not be made, or was lost. */
export function isLost(error: unknown): boolean {
  if (!isClickhouseError(error)) return false;
  return /^(E[A-Z]+|UND_ERR.*)$/.test(error.code ?? '') || /socket hang up|aborted/i.test(error.message);
}

/** Turns what the client threw into a PackError. Values of events are never part of it. */
export function wrapClickhouse(error: unknown, doing: string): PackError {
  if (error instanceof PackError) return error;
  if (!isClickhouseError(error))
    return new PackError('INTERNAL', `clickhouse: ${doing} failed`, { cause: error });
  const code = error.code ?? '';
  if (TIMED_OUT.has(code)) return timedOut(doing, error);
  if (isCertificateCode(code)) {
    return away(
      `${doing}: ${error.message}: check tls-ca, tls-cert and tls-key in the destination's url`,
      error,
    );
  }
  if (isLost(error)) {
    const way = "is it up, and are host and port right in the destination's url?";
    return away(`${doing}: the server cannot be reached (${code || 'closed'}): ${way}`, error);
  }
  // Something between here and the server answered, such as a proxy whose server is away.
  if (error.type === undefined) return away(`${doing}: the answer is not ClickHouse's`, error);
  if (BUSY.has(code)) return away(`${doing}: ${error.message}`, error);
  if (ROWS.has(code) || OF_A_VALUE.test(error.message)) return aboutRow(error, doing);
  const isForbidden = FORBIDDEN.has(code);
  const hint = isForbidden ? ' (see the grants in docs/warehouses/clickhouse.md)' : '';
  return new PackError('WAREHOUSE_ERROR', `clickhouse: ${doing}: ${firstLine(error.message)}${hint}`, {
    details: flagsOf(code, isForbidden),
    cause: error,
  });
}

/** What nobody foresaw is taken to be about one of the rows, unless it is wrong for all of them. */
function flagsOf(code: string, isForbidden: boolean): Record<string, boolean> {
  if (STALE.has(code)) return { stale: true };
  if (isForbidden) return { forbidden: true };
  return OF_ALL.has(code) ? {} : { rows: true };
}

/** TIMEOUT of a request that was given up. */
export function timedOut(doing: string, cause?: unknown): PackError {
  const message = `clickhouse: ${doing} took longer than the call may: it was given up and can be tried again`;
  return new PackError('TIMEOUT', message, { retryable: true, cause });
}

/** Whether the error has one of the server's numbers. */
export function isCode(error: unknown, ...codes: string[]): boolean {
  return isClickhouseError(error) && codes.includes(error.code ?? '');
}

function away(message: string, cause: unknown): PackError {
  return new PackError('UNAVAILABLE', `clickhouse: ${message}`, { retryable: true, cause });
}

/** The server's own text would show the value. */
function aboutRow(error: ClickhouseError, doing: string): PackError {
  if (error.code === CONSTRAINT) {
    const name = /Constraint [`']?([^`'\s]+)/.exec(error.message)?.[1];
    const which = name === undefined ? '' : ` ${shown(name)}`;
    const message = `clickhouse: ${doing}: a value breaks the constraint${which}`;
    return new PackError('WAREHOUSE_ERROR', message, { details: { rows: true }, cause: error });
  }
  const column = /(?:value of key|column|Column|name:) [`']?(\w+)/.exec(error.message)?.[1];
  const options = { details: { rows: true, value: true }, cause: error };
  const message = `clickhouse: ${doing}: a value is none of its column's type (${error.type})`;
  return column === undefined
    ? new PackError('WAREHOUSE_ERROR', message, options)
    : columnError(column, `${message}: column ${shown(column)}`, options);
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}

function isClickhouseError(error: unknown): error is ClickhouseError {
  // Tests run in a realm of their own, where Node's errors are of another `Error`.
  return types.isNativeError(error);
}
