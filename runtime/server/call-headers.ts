import type { IncomingHttpHeaders } from 'node:http';
import { invalidField } from '../../contract/errors.ts';
import type { WrittenBy } from '../../contract/written-by.ts';
import { BY_HEADER, parseClaim } from '../../contract/written-by.ts';

/** How the caller wants to be served, from the headers of a POST. */
export interface CallHeaders {
  /** `x-timeout-ms`: milliseconds the caller waits; more than the function allows counts as what it allows. */
  timeoutMs: number | undefined;
  /** `idempotency-key`. */
  idempotencyKey: string | undefined;
  /** `x-kvflow-by`: what the caller says of itself. */
  by: WrittenBy | undefined;
}

/** Reads the headers. Throws INVALID_INPUT. */
export function readCallHeaders(headers: IncomingHttpHeaders): CallHeaders {
  const timeout = headers['x-timeout-ms'];
  return {
    timeoutMs: timeout === undefined ? undefined : milliseconds(String(timeout)),
    idempotencyKey: headers['idempotency-key'] as string | undefined,
    by: parseClaim(headers[BY_HEADER] as string | undefined),
  };
}

function milliseconds(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Math.min(Number(text), Number.MAX_SAFE_INTEGER);
  throw invalidField(
    '',
    `The header x-timeout-ms must be a whole number of milliseconds, at least 1, not "${text}".`,
  );
}
