/** One fault of an input: where it is (a JSON pointer) and what to change. */
export interface Fault {
  pointer: string;
  message: string;
}

/** The `error` of an envelope. */
export interface ErrorBody {
  code: string;
  message: string;
  retryable: boolean;
  details?: Record<string, unknown>;
  errors?: Fault[];
}

/** A call that failed: what the envelope says, and the id under which the server's log has it. */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  readonly retryable: boolean;
  readonly details: Record<string, unknown>;
  /** Only with INVALID_INPUT: every fault of the input. */
  readonly errors: readonly Fault[];
  readonly invocationId: string | undefined;

  constructor(
    body: ErrorBody,
    { status, invocationId }: { status: number; invocationId?: string | undefined },
  ) {
    super(body.message);
    this.name = 'ApiError';
    this.code = body.code;
    this.status = status;
    this.retryable = body.retryable;
    this.details = body.details ?? {};
    this.errors = body.errors ?? [];
    this.invocationId = invocationId;
  }
}

/** The code of an error, where it is one of ours: `codeOf(error) === 'REVISION_CONFLICT'`. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof ApiError ? error.code : undefined;
}

/** Code of an error that was no answer of kvflow: it cannot be reached, or somebody else answered. */
export const UNREACHABLE = 'UNREACHABLE';

/** Any thrown value as an ApiError, for showing it. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new ApiError({ code: 'INTERNAL', message, retryable: false }, { status: 0 });
}

/** What the server would answer to a call that this API key may not make; so it need not be asked. */
export function forbidden(message: string): ApiError {
  return new ApiError({ code: 'FORBIDDEN', message, retryable: false }, { status: 403 });
}
