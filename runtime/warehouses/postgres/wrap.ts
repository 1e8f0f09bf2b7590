import type { ErrorCode } from '../../../contract/errors.ts';
import { PackError } from '../../../contract/errors.ts';
import { isCertificateCode } from '../shared/certificate.ts';
import { DeadlineError } from '../shared/deadline.ts';
import { isLostRace } from './session.ts';
import { valueFault } from './value-faults.ts';

/** What is known of an error of the server or of the driver. */
interface Foreign {
  code?: string;
  message?: string;
  column?: string;
  constraint?: string;
  table?: string;
  detail?: string;
  syscall?: string;
  /** The server's function that raised it: says in every language what kind of error it is. */
  routine?: string;
}

/** What a class or a code of errors is to a caller. */
interface Meaning {
  code: ErrorCode;
  /** What to do about it. */
  way?: string;
  rows?: true;
  stale?: true;
  forbidden?: true;
}

const AWAY: Meaning = { code: 'UNAVAILABLE' };
const ROW: Meaning = { code: 'WAREHOUSE_ERROR', rows: true };

/** By SQLSTATE, or by its class: the first two characters. */
const MEANINGS: Record<string, Meaning> = {
  '08': AWAY,
  '57P': AWAY,
  '57014': {
    code: 'TIMEOUT',
    way: 'it took longer than the call may: try again, with fewer events or a later deadline',
  },
  '55P03': { code: 'TIMEOUT', way: 'another transaction holds a lock: try again' },
  '53': { code: 'UNAVAILABLE', way: 'the server is short of something' },
  '53300': {
    code: 'UNAVAILABLE',
    way: 'the server has no connection left: lower pool_size, or raise max_connections',
  },
  '25006': { code: 'UNAVAILABLE', way: 'the server only reads at the moment: does url name a replica?' },
  '40': AWAY,
  '21000': ROW,
  '22': ROW,
  // Also where the column's type was changed since it was looked at.
  '22003': { ...ROW, stale: true },
  '22007': { ...ROW, stale: true },
  '22P02': { ...ROW, stale: true },
  '23': ROW,
  '54': ROW,
  '0A': ROW,
  '42601': ROW,
  '42701': ROW,
  '42704': ROW,
  '42846': ROW,
  // Also where a column was made wider since it was looked at.
  '42804': { ...ROW, stale: true },
  '42883': { ...ROW, stale: true },
  '42P01': { code: 'WAREHOUSE_ERROR', stale: true },
  '42703': { code: 'WAREHOUSE_ERROR', stale: true },
  '42501': {
    code: 'WAREHOUSE_ERROR',
    way: "grant the user of the destination's url what it says",
    forbidden: true,
  },
  // The server itself is at fault, or its settings: single rows are not.
  '58': { code: 'WAREHOUSE_ERROR' },
  F0: { code: 'WAREHOUSE_ERROR' },
  '28': { code: 'WAREHOUSE_ERROR', way: "correct user and password in the destination's url" },
  '3D000': { code: 'WAREHOUSE_ERROR', way: "create the database, or correct the destination's url" },
  '3F000': {
    code: 'WAREHOUSE_ERROR',
    way: "create the schema, or correct the destination's schema",
    stale: true,
  },
};

/** lock_not_available */
const LOCKED = '55P03';

const NETWORK =
  /^(E[A-Z]+|ERR_(TLS|SSL|SOCKET)\w*|CERT_\w+|\w*_(CERT|CERTIFICATE|SIGNATURE|CHAIN)\w*|HPE_\w+)$/;
/** No connection could be made. */
const UNREACHED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
]);
const NO_TLS = /does not support SSL|no encryption$/;
const LOST = /connection|connect|timeout expired|server closed|not queryable|client was closed|socket/i;

/** An error of the server or its driver as callers see it. Values of events are never part of it. */
export function wrapPostgres(error: unknown, doing: string): PackError {
  if (error instanceof PackError) return error;
  if (error instanceof DeadlineError) return failure('TIMEOUT', doing, error.message, error);
  const foreign = (typeof error === 'object' && error !== null ? error : {}) as Foreign;
  const code = foreign.code ?? '';
  const message = foreign.message || code || String(error);
  if (isLostRace(error)) return failure('UNAVAILABLE', doing, message, error);
  const meaning = /^[0-9A-Z]{5}$/.test(code) && !NETWORK.test(code) ? meaningOf(code, foreign) : undefined;
  if (meaning) return told(meaning, foreign, doing, error);
  if (isCertificateCode(code) || NO_TLS.test(message)) {
    const way = "check sslmode and sslrootcert in the destination's url";
    return failure('UNAVAILABLE', doing, `${message}: ${way}`, error);
  }
  // A file that the url names, such as sslrootcert.
  if (foreign.syscall === 'open')
    return new PackError('WAREHOUSE_ERROR', `${doing}: ${message}`, { cause: error });
  if (UNREACHED.has(code)) {
    const way = "is the server up, and are host and port right in the destination's url?";
    return failure('UNAVAILABLE', doing, `the server cannot be reached (${message}): ${way}`, error);
  }
  if (NETWORK.test(code) || LOST.test(message)) return failure('UNAVAILABLE', doing, message, error);
  return new PackError('WAREHOUSE_ERROR', `${doing}: ${message}`, { cause: error });
}

/** What a trigger raises is about its row, whatever code it chose; row-level security has the code of missing grants. */
const OF_ONE_ROW = new Set(['exec_stmt_raise', 'ExecWithCheckOptions']);

/** A statement that is refused for a reason nobody foresaw is taken to be refused for one of its rows. */
function meaningOf(code: string, { routine = '' }: Foreign): Meaning {
  if (OF_ONE_ROW.has(routine)) return ROW;
  return MEANINGS[code] ?? MEANINGS[code.slice(0, 3)] ?? MEANINGS[code.slice(0, 2)] ?? ROW;
}

function told(meaning: Meaning, foreign: Foreign, doing: string, cause: unknown): PackError {
  const said = [valueFault(foreign.code ?? '') ?? foreign.message ?? '', meaning.way]
    .filter(Boolean)
    .join(': ');
  if (foreign.code === LOCKED)
    return new PackError('TIMEOUT', `${doing}: ${said}`, {
      cause,
      retryable: true,
      details: { locked: true },
    });
  if (meaning.code !== 'WAREHOUSE_ERROR') return failure(meaning.code, doing, said, cause);
  const { column, constraint, code } = foreign;
  return new PackError('WAREHOUSE_ERROR', `${doing}: ${said}`, {
    cause,
    details: {
      ...(column !== undefined && { column }),
      ...(constraint !== undefined && { constraint }),
      sql_state: code,
      ...(meaning.rows && { rows: true }),
      // A value that its column does not take, and not a constraint or a trigger that has something against the row.
      ...(valueFault(code ?? '') !== undefined && { value: true }),
      ...(meaning.stale && { stale: true }),
      ...(meaning.forbidden && { forbidden: true }),
    },
  });
}

/** Both may be tried again: everything that is asked of a warehouse does no harm when it is done twice. */
function failure(code: ErrorCode, doing: string, why: string, cause: unknown): PackError {
  return new PackError(code, `${doing}: ${why}`, { cause, retryable: true });
}
