import type { ErrorsOf, FunctionName } from '../../../contract/methods.ts';

/** A call that failed: the `error` of its envelope. */
export class KvflowError extends Error {
  /** Such as REVISION_CONFLICT; UNREACHABLE where no kvflow answered. See docs/errors.md of kvflow. */
  readonly code: string;
  /** HTTP status; 0 where no answer came. */
  readonly status: number;
  /** Whether the same call may succeed later with nothing changed. */
  readonly retryable: boolean;
  /** What the caller can act on, such as `current_revision`. */
  readonly details: Record<string, unknown>;
  /** Only with INVALID_INPUT: each fault with a JSON pointer into the input. */
  readonly errors: readonly { pointer: string; message: string }[];

  constructor(status: number, error: ErrorBody) {
    super(error.message);
    this.name = 'KvflowError';
    this.code = error.code;
    this.status = status;
    this.retryable = error.retryable;
    this.details = error.details ?? {};
    this.errors = error.errors ?? [];
  }
}

/** The `error` of an envelope. */
export interface ErrorBody {
  code: string;
  message: string;
  retryable: boolean;
  details?: Record<string, unknown>;
  errors?: { pointer: string; message: string }[];
}

/**
 * Whether an error is one of a call of a function, whose codes its type then names.
 * @example
 * catch (error) { if (isErrorOf('kv-key-get', error) && error.code === 'KEY_NOT_FOUND') return undefined; throw error; }
 */
export function isErrorOf<Name extends FunctionName>(
  _name: Name,
  error: unknown,
): error is KvflowError & { readonly code: ErrorsOf<Name> | 'UNREACHABLE' } {
  return error instanceof KvflowError;
}

/** No kvflow answered. `details.sent` is false where it is known that the call was not even sent. */
export function unreachable(message: string, details: { sent?: false } = {}): KvflowError {
  return new KvflowError(0, { code: 'UNREACHABLE', message, retryable: true, details });
}
