/** What each code of the table of errors means and the way out, as Markdown: the table of docs/errors.md is made of it. */
import type { ErrorCode } from './errors.ts';

/** One sentence or two for every code; a code without them does not compile. */
export const ERROR_TEXTS: Record<ErrorCode, string> = {
  INVALID_INPUT:
    "The input does not fit the function's schema, or the server refuses the option. `errors` names each field and what to change.",
  UNAUTHENTICATED:
    'The server has API keys and the call has none, or one that is unknown, revoked or expired. Send `Authorization: Bearer <key>`.',
  FORBIDDEN:
    'The key may not call this function or touch this bucket; or, on a server without keys, the request did not come from this machine.',
  FUNCTION_NOT_FOUND: 'There is no such function. `GET /functions` lists all.',
  BUCKET_NOT_FOUND: 'There is no such bucket. Create it with kv-bucket-create.',
  KEY_NOT_FOUND:
    'Never written, deleted, purged or expired; `details.deleted_at` where a marker still says so.',
  DESTINATION_NOT_FOUND: 'kvflow.yaml names no such destination.',
  ROUTE_NOT_FOUND: 'The server has no such address.',
  METHOD_NOT_ALLOWED:
    'The address is there, but not for this method; `details.allowed` names those it takes.',
  BUCKET_EXISTS:
    'A bucket of this name has other options; `details.differing` shows each, as it is and as asked for.',
  REVISION_CONFLICT:
    'The key is not at `expected_revision`; `details.current_revision` says where it is, 0 for nowhere. Read again and decide anew.',
  IMMUTABLE: 'The option cannot change on an existing bucket; `details.immutable` names it.',
  IDEMPOTENCY_IN_PROGRESS: 'A call with this Idempotency-Key is still running. Ask again a little later.',
  PRECONDITION_FAILED:
    '`If-Match` or `If-None-Match` of a request on a key’s own address does not hold; `details.current_revision` says where the key is, 0 for nowhere.',
  VALUE_TOO_LARGE: 'The value exceeds `details.max_value_size`.',
  PAYLOAD_TOO_LARGE: "The request body exceeds the server's limit. Send fewer items at once.",
  UNSUPPORTED_MEDIA_TYPE:
    'The body’s `Content-Type`, its charset or its `Content-Encoding` is none that the address takes; the message names those it does.',
  RANGE_NOT_SATISFIABLE:
    'The value has no byte of the range asked for; `Content-Range` and `details.size` say how many it has.',
  INVALID_JSON_VALUE: '`json: true` on a value that is no JSON.',
  SCRIPT_ERROR: "A user's script failed; `details` says where.",
  SCRIPT_TIMEOUT: "A user's script ran too long.",
  SCRIPT_OUT_OF_MEMORY: "A user's script took too much memory.",
  NOT_A_NUMBER: 'The value is no integer and cannot be counted on.',
  IDEMPOTENCY_MISMATCH: 'The Idempotency-Key was used before with another body. Take a new key.',
  RATE_LIMITED: "The API key's limit, or NATS takes no more right now. `Retry-After` says when.",
  INTERNAL: 'A fault of kvflow. The log has its cause under the invocation id.',
  UNSUPPORTED: 'This NATS server or warehouse cannot do it; the message names the version that can.',
  WAREHOUSE_ERROR: 'The warehouse refused; the message names the column or statement.',
  UNAVAILABLE: 'NATS or the warehouse is out of reach or has no leader. Nothing was written.',
  TIMEOUT:
    'No answer in time; whether a write was stored is not known. Retryable where the function is idempotent.',
  BUCKET_FULL:
    '`max_bytes` of the bucket, or a limit of the account (bytes, `max_streams`, `max_consumers`), is reached; the message names it. `kv-key-delete` and `kv-key-purge` work all the same: where not even a marker has room, the key is taken out with its history. Of a disk that is full itself the message says what is possible: see [durability](durability.md#what-if-the-disk-is-full).',
};
