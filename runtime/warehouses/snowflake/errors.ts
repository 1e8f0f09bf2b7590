import { PackError } from '../../../contract/errors.ts';
import { shown } from '../shared/cells.ts';

/** What the SDK throws. */
interface SdkError {
  name?: string;
  /** Snowflake's code such as `002003`, or the SDK's own such as 401001. */
  code?: string | number;
  sqlState?: string;
  message?: string;
}

/** The session is gone, and what was asked was never run. */
const GONE = [390111, 390112, 390114, 407001, 407002];
/** Nothing is wrong for good: too many waiters for a lock, a warehouse that does not resume, a service that is busy. */
const BUSY = [625, 90073, 90109, 390114, 300002, 300005];
/** Ended by its timeout, or by the request of another. */
const CANCELLED = [604, 630];
const NO_SUCH_OBJECT = 2003;
const NO_SUCH_COLUMN = 904;
const FORBIDDEN = 3001;
/** SQL states about values and constraints, and Snowflake's codes for the same without one. */
const ROW_STATES = /^(22|23)/;
const ROW_CODES = [
  1003, 2040, 100035, 100037, 100038, 100039, 100040, 100046, 100069, 100071, 100072, 100078, 100132,
];

/** Of a type that an event asks for: values are bound, and in none of what is said. */
const OF_STATEMENTS = new Set([1003, 2040]);
const VALUE_FAULTS: Record<number, string> = {
  100039: 'a number is out of the range of its column',
  100072: 'a value must not be NULL',
  100078: 'a text is longer than its column allows',
};

/** Whether the statement never ran because its session had ended: it may simply run in another one. */
export function isSessionGone(error: unknown): boolean {
  return GONE.includes(numberOf(error as SdkError));
}

/** The one translation of the SDK's errors. Messages name what was being done, never the url. */
export function wrapError(error: unknown, doing: string): PackError {
  if (error instanceof PackError) return error;
  const sdk = error as SdkError;
  const code = numberOf(sdk);
  const text = (sdk.message ?? String(error)).replace(/\s+/g, ' ').trim();
  const way = sdk.code === 'ENOTFOUND' ? ": is the account right in the destination's url?" : '';
  const say = `Snowflake, ${doing}: ${text}${way}`;
  const cause = new Error(text); // The SDK's own carries answers and requests that have no place in a log.
  if (isLost(sdk) || GONE.includes(code) || BUSY.includes(code)) {
    return new PackError('UNAVAILABLE', say, { cause, retryable: true });
  }
  if (CANCELLED.includes(code)) return new PackError('TIMEOUT', say, { cause, retryable: true });
  const details = detailsOf(sdk, code, text);
  if (details.rows !== true || OF_STATEMENTS.has(code)) {
    return new PackError('WAREHOUSE_ERROR', say, { details, cause });
  }
  // What Snowflake says of a value quotes it; values of events are in no message and no log.
  const what = VALUE_FAULTS[code] ?? "a value is none of its column's type";
  return new PackError('WAREHOUSE_ERROR', `Snowflake, ${doing}: ${what} (${code || sdk.sqlState})`, {
    details: { ...details, value: true },
  });
}

function detailsOf(sdk: SdkError, code: number, text: string): Record<string, unknown> {
  const column = /failed on column (\S+) with error|non-nullable column '?([^' ]+)/i
    .exec(text)
    ?.slice(1)
    .find(Boolean);
  return {
    ...(column && { column: shown(lowered(column)).slice(1, -1) }),
    ...((ROW_STATES.test(sdk.sqlState ?? '') || ROW_CODES.includes(code)) && { rows: true }),
    ...([NO_SUCH_OBJECT, NO_SUCH_COLUMN].includes(code) && { stale: true }),
    ...(code === FORBIDDEN && { forbidden: true }),
  };
}

function lowered(column: string): string {
  const name = column.replace(/^"|"$/g, '');
  return name === name.toUpperCase() ? name.toLowerCase() : name;
}

/** The network failed, or something between here and Snowflake answered instead of it. */
function isLost({ name, code }: SdkError): boolean {
  return name === 'NetworkError' || name === 'RequestFailedError' || /^E[A-Z]+$/.test(String(code ?? ''));
}

function numberOf({ code }: SdkError): number {
  return Number(code ?? Number.NaN);
}
