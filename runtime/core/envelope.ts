import type { ErrorCode, FieldError } from '../../contract/errors.ts';
import { ERRORS, PackError } from '../../contract/errors.ts';

/** A call that worked. */
export interface Success<T = unknown> {
  status_code: 200;
  data: T;
}

/** A call that failed: what happened, what the caller can act on, and whether trying again may help. */
export interface Failure {
  status_code: number;
  error: {
    code: ErrorCode;
    message: string;
    retryable: boolean;
    details?: Record<string, unknown>;
    /** Only with INVALID_INPUT: every fault, with JSON pointers into the input. */
    errors?: FieldError[];
  };
}

/** What every surface answers with. */
export type Envelope<T = unknown> = Success<T> | Failure;

/** Whether the envelope is a {@link Failure}. */
export function isFailure(envelope: Envelope): envelope is Failure {
  return 'error' in envelope;
}

/** Wraps a function's output. */
export function success<T>(data: T): Success<T> {
  return { status_code: 200, data };
}

/** Wraps an error. `idempotent` decides whether a TIMEOUT may be tried again. */
export function failure(error: PackError, idempotent = false): Failure {
  const { code, message, details, errors } = error;
  const byTable = code === 'TIMEOUT' ? idempotent : ERRORS[code].retryable;
  return {
    status_code: error.status,
    error: {
      code,
      message,
      retryable: error.retryable ?? byTable,
      ...(Object.keys(details).length > 0 && { details }),
      ...(errors && { errors }),
    },
  };
}

/** Turns anything thrown into a {@link PackError}; what is not ours becomes INTERNAL and says nothing of its cause. */
export function toPackError(thrown: unknown): PackError {
  if (thrown instanceof PackError) return thrown;
  return new PackError('INTERNAL', 'Something went wrong inside kvflow; the log has the cause.', {
    cause: thrown,
  });
}
