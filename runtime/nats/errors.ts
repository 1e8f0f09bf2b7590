import type { ErrorCode } from '../../contract/errors.ts';
import { PackError } from '../../contract/errors.ts';

/** An error as the JetStream API sends it. */
export interface ApiError {
  code: number;
  err_code: number;
  description: string;
}

/** Of the account, or of the stream: 1,000 where neither says how many (nats-server 2.15). */
const TOO_MANY_CONSUMERS = 10026;

/** The account requires max_bytes of every stream. */
const NEEDS_MAX_BYTES = 10113;

/** JetStream's error codes and what they mean to a caller. Names: nats-server, server/errors.json. */
const BY_CODE: Record<number, ErrorCode> = {
  10003: 'INVALID_INPUT', // bad request
  10052: 'INVALID_INPUT', // invalid stream configuration
  10074: 'INVALID_INPUT', // replicas > 1 not possible without a cluster
  10138: 'INVALID_INPUT', // metadata
  10165: 'INVALID_INPUT', // invalid per-message TTL
  10166: 'INVALID_INPUT', // per-message TTL is disabled
  10059: 'BUCKET_NOT_FOUND', // stream not found
  10037: 'KEY_NOT_FOUND', // no message found
  10014: 'KEY_NOT_FOUND', // consumer not found
  10058: 'BUCKET_EXISTS', // stream name in use with another configuration
  10065: 'BUCKET_EXISTS', // subjects overlap with another stream
  10109: 'IMMUTABLE', // stream is sealed
  10158: 'BUCKET_EXISTS',
  10071: 'REVISION_CONFLICT', // wrong last sequence
  10164: 'REVISION_CONFLICT', // the same, on replicated streams
  10185: 'REVISION_CONFLICT',
  10054: 'VALUE_TOO_LARGE', // message size exceeds maximum allowed
  10097: 'VALUE_TOO_LARGE', // header size exceeds maximum allowed
  10167: 'RATE_LIMITED', // too many requests
  10002: 'BUCKET_FULL', // resource limits exceeded for account
  10023: 'BUCKET_FULL', // insufficient resources
  10028: 'BUCKET_FULL', // memory resources exceeded
  10047: 'BUCKET_FULL', // storage resources exceeded
  [TOO_MANY_CONSUMERS]: 'BUCKET_FULL',
  10027: 'BUCKET_FULL', // maximum number of streams reached
  [NEEDS_MAX_BYTES]: 'INVALID_INPUT',
  10122: 'BUCKET_FULL', // max_bytes is more than the account allows a stream
  10005: 'INVALID_INPUT', // no suitable peers for placement
  10008: 'UNAVAILABLE', // JetStream temporarily unavailable
  10039: 'UNSUPPORTED', // JetStream not enabled for account
  10076: 'UNSUPPORTED', // JetStream not enabled
  10118: 'UNAVAILABLE', // stream is offline
  10163: 'UNAVAILABLE',
};

/** The code is that of any failed creation; the text hides which file it was. */
const STORE_NOT_MADE = 'JetStream 10049: error creating store for stream';

const STORE_FAILED = 10077;
/** A purge failed, because of the stream's files. */
const PURGE_FAILED = 10051;

/** The error for an answer of the JetStream API, with `subject` naming what was asked for, such as `bucket "x"`. */
export function fromApi(error: ApiError, subject: string): PackError {
  const code = codeOf(error);
  const isOfFiles = error.err_code === PURGE_FAILED;
  return new PackError(code, isOfFiles ? filesMessage(error, subject) : messageOf(code, error, subject), {
    cause: new Error(`JetStream ${error.err_code}: ${error.description}`),
    ...(isOfFiles && { details: { store_failed: true } }),
  });
}

/** Whether the stream, or the account, may have no more consumers. */
export function isConsumerLimit(error: unknown): boolean {
  return isOf(error, `JetStream ${TOO_MANY_CONSUMERS}:`);
}

/** Whether the server could not make the folder of a new stream. */
export function isStoreNotMade(error: unknown): boolean {
  return isOf(error, STORE_NOT_MADE);
}

/** Whether there is no such message, or no such consumer. */
export function isNotThere({ err_code }: ApiError): boolean {
  return BY_CODE[err_code] === 'KEY_NOT_FOUND';
}

/** Whether the server could not write the files of a stream: it takes no more writes of it until it is started again. */
export function isStoreFault({ details }: PackError): boolean {
  return details.store_failed === true;
}

function isOf(error: unknown, cause: string): boolean {
  return error instanceof PackError && (error.cause as Error | undefined)?.message.startsWith(cause) === true;
}

function codeOf({ code, err_code, description }: ApiError): ErrorCode {
  if (err_code === STORE_FAILED) return storeFailure(description);
  if (err_code === PURGE_FAILED && isDiskFull(description)) return 'BUCKET_FULL';
  const known = BY_CODE[err_code];
  if (known) return known;
  // What the server itself failed at, such as a file that it could not write.
  if (code >= 500) return 'UNAVAILABLE';
  return code === 400 ? 'INVALID_INPUT' : 'INTERNAL';
}

/** The server has one code for whatever its store says; its text tells a full bucket from a broken disk. */
function storeFailure(description: string): ErrorCode {
  return /maximum (bytes|messages)/.test(description) ? 'BUCKET_FULL' : 'UNAVAILABLE';
}

function messageOf(code: ErrorCode, error: ApiError, subject: string): string {
  switch (code) {
    case 'BUCKET_NOT_FOUND':
      return `There is no ${subject}. Create it with kv-bucket-create; kv-bucket-list shows all buckets.`;
    case 'BUCKET_FULL':
      return fullMessage(error, subject);
    case 'UNAVAILABLE':
      return `NATS cannot serve ${subject} right now: ${withoutPaths(error.description)}. Try again.`;
    case 'UNSUPPORTED':
      return 'This NATS server or account has no JetStream. Start it with JetStream (nats-server -js), or unset NATS_URL to use the embedded server.';
    case 'RATE_LIMITED':
      return `NATS takes no more requests for ${subject} right now. Try again a little later.`;
    case 'INTERNAL':
      return `NATS refused the request for ${subject}; the log has the cause.`;
    default:
      if (error.err_code === NEEDS_MAX_BYTES)
        return `${subject}: the account takes no bucket without max_bytes. Say it with kv-bucket-create; one of kvflow's own may be made beforehand, with its options and max_bytes.`;
      return `${subject}: ${error.description}`;
  }
}

function isDiskFull(description: string): boolean {
  return /no space left|quota exceeded/i.test(description);
}

/** Such a server does not answer writes (nats-server 2.15): what it says of a purge is all there is. */
function filesMessage({ description }: ApiError, subject: string): string {
  const then = `takes neither writes nor deletes of ${subject} until`;
  if (isDiskFull(description)) {
    return `The disk of the NATS server is full (${withoutPaths(description)}). It ${then} there is room on the disk and it is started again. Reading works, and deleting whole buckets makes room.`;
  }
  return `The NATS server could not write its files (${withoutPaths(description)}). It ${then} that is mended and it is started again. Reading works.`;
}

/** Where the server keeps its files is nobody's business. */
function withoutPaths(description: string): string {
  return description.replaceAll(/(?:\/[^\s:]+)+/g, '(a file)');
}

/** Limits of the account that are no bytes, by JetStream's code. */
const COUNTED: Record<number, string> = { [TOO_MANY_CONSUMERS]: 'max_consumers', 10027: 'max_streams' };

const MAKING_ROOM =
  'Deleting and purging keys works and makes room, with kv-key-delete and kv-key-purge (a transaction needs room), deleting a bucket too;';

/** Insufficient resources: of the server, not of an account. */
const SERVER_FULL = 10023;

function fullMessage({ err_code, description }: ApiError, subject: string): string {
  if (err_code === SERVER_FULL) {
    return `No room left for ${subject}: ${description}. The NATS server has used up its max_file_store (by default three quarters of what was free on its disk when it started). ${MAKING_ROOM} or give it a larger disk or max_file_store and start it again.`;
  }
  const limit = COUNTED[err_code];
  if (limit) {
    return `${subject}: the account's limit ${limit}, or the stream's, is reached (${description}). kv-account-info shows what is there and what is allowed; delete what is not needed, or raise ${limit}.`;
  }
  return `No room left for ${subject}: ${description}. ${MAKING_ROOM} or raise max_bytes or the account's limits (kv-account-info shows them).`;
}

/** JetStream is off, and starts no more by itself. */
export function withoutJetStream(): PackError {
  return fromApi({ code: 503, err_code: 10076, description: 'JetStream not enabled' }, 'this server');
}

/** There is no such bucket. */
export function bucketNotFound(bucket: string): PackError {
  return fromApi({ code: 404, err_code: 10059, description: 'stream not found' }, `bucket "${bucket}"`);
}
