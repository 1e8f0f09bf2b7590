/** The one table of errors: what each code means on every wire. */

interface ErrorSpec {
  /** HTTP status, repeated in the envelope as `status_code`. */
  status: number;
  /** Whether the same call may succeed later with nothing changed. */
  retryable: boolean;
  /** JSON-RPC error code, for MCP. */
  rpc: number;
}

/** Every code a function may answer with. Published: entries are added, never renamed. */
export const ERRORS = {
  INVALID_INPUT: { status: 400, retryable: false, rpc: -32602 },
  UNAUTHENTICATED: { status: 401, retryable: false, rpc: -32001 },
  FORBIDDEN: { status: 403, retryable: false, rpc: -32003 },
  FUNCTION_NOT_FOUND: { status: 404, retryable: false, rpc: -32601 },
  BUCKET_NOT_FOUND: { status: 404, retryable: false, rpc: -32004 },
  KEY_NOT_FOUND: { status: 404, retryable: false, rpc: -32004 },
  DESTINATION_NOT_FOUND: { status: 404, retryable: false, rpc: -32004 },
  ROUTE_NOT_FOUND: { status: 404, retryable: false, rpc: -32601 },
  METHOD_NOT_ALLOWED: { status: 405, retryable: false, rpc: -32601 },
  BUCKET_EXISTS: { status: 409, retryable: false, rpc: -32009 },
  REVISION_CONFLICT: { status: 409, retryable: false, rpc: -32009 },
  IMMUTABLE: { status: 409, retryable: false, rpc: -32009 },
  IDEMPOTENCY_IN_PROGRESS: { status: 409, retryable: true, rpc: -32009 },
  PRECONDITION_FAILED: { status: 412, retryable: false, rpc: -32012 },
  VALUE_TOO_LARGE: { status: 413, retryable: false, rpc: -32013 },
  PAYLOAD_TOO_LARGE: { status: 413, retryable: false, rpc: -32013 },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, retryable: false, rpc: -32015 },
  RANGE_NOT_SATISFIABLE: { status: 416, retryable: false, rpc: -32016 },
  INVALID_JSON_VALUE: { status: 422, retryable: false, rpc: -32022 },
  SCRIPT_ERROR: { status: 422, retryable: false, rpc: -32022 },
  SCRIPT_TIMEOUT: { status: 422, retryable: false, rpc: -32022 },
  SCRIPT_OUT_OF_MEMORY: { status: 422, retryable: false, rpc: -32022 },
  NOT_A_NUMBER: { status: 422, retryable: false, rpc: -32022 },
  IDEMPOTENCY_MISMATCH: { status: 422, retryable: false, rpc: -32022 },
  RATE_LIMITED: { status: 429, retryable: true, rpc: -32029 },
  INTERNAL: { status: 500, retryable: false, rpc: -32603 },
  UNSUPPORTED: { status: 501, retryable: false, rpc: -32051 },
  WAREHOUSE_ERROR: { status: 502, retryable: false, rpc: -32052 },
  UNAVAILABLE: { status: 503, retryable: true, rpc: -32053 },
  TIMEOUT: { status: 504, retryable: false, rpc: -32054 },
  BUCKET_FULL: { status: 507, retryable: false, rpc: -32057 },
} as const satisfies Record<string, ErrorSpec>;

/** A code of {@link ERRORS}. */
export type ErrorCode = keyof typeof ERRORS;

/** Codes that any call may be answered with, beside those that its function's schema names. */
export const ANY_CALL_ERRORS = [
  'INVALID_INPUT',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'PAYLOAD_TOO_LARGE',
  'RATE_LIMITED',
  'INTERNAL',
  'UNSUPPORTED',
  'UNAVAILABLE',
  'TIMEOUT',
] as const satisfies readonly ErrorCode[];

const WITHOUT_SUBJECT = /^(?:is|has|must|may|would|does|names|holds|nests|contains|imports|cannot|needs)\b/;

/** One thing wrong with the input: where, and what to change. */
export interface FieldError {
  /** JSON pointer into the input, `""` for the input as a whole. */
  pointer: string;
  message: string;
}

/** What a {@link PackError} carries beside its code and message. */
export interface PackErrorOptions {
  /** What the caller can act on, such as `current_revision` or `max_value_size`. Sent. */
  details?: Record<string, unknown>;
  /** Only with INVALID_INPUT: every fault at once. Sent. */
  errors?: FieldError[];
  /** Overrides the code's own `retryable`. */
  retryable?: boolean;
  /** What was caught. Logged, never sent. */
  cause?: unknown;
}

/** The one error class. Whatever else is thrown becomes INTERNAL at the invoke boundary. */
export class PackError extends Error {
  readonly code: ErrorCode;
  readonly details: Record<string, unknown>;
  readonly errors: FieldError[] | undefined;
  /** Undefined: as the code's row in the table, and for TIMEOUT as the function's `idempotent`. */
  readonly retryable: boolean | undefined;

  constructor(code: ErrorCode, message: string, options: PackErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'PackError';
    this.code = code;
    this.details = options.details ?? {};
    this.errors = options.errors;
    this.retryable = options.retryable;
  }

  /** HTTP status of this error's code. */
  get status(): number {
    return ERRORS[this.code].status;
  }
}

/** INVALID_INPUT about one field. A message that has no subject, such as "is no key pattern", is of the field, which it then names. */
export function invalidField(pointer: string, message: string): PackError {
  const text = pointer !== '' && WITHOUT_SUBJECT.test(message) ? `${pointer} ${message}` : message;
  return new PackError('INVALID_INPUT', text, { errors: [{ pointer, message }] });
}
