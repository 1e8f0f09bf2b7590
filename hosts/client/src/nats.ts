import { type Methods, withMethods } from '../../../contract/methods.ts';
import { type ErrorBody, KvflowError, unreachable } from './errors.ts';
import type { Change, WatchOptions, WatchReset } from './watch.ts';

export type { ErrorsOf, FunctionName, InputOf, Methods, OutputOf } from '../../../contract/methods.ts';
export { type ErrorBody, isErrorOf, KvflowError } from './errors.ts';
export type { Change, WatchOptions, WatchReset } from './watch.ts';

/** What is needed of a NATS connection: that of `@nats-io/transport-node`, `@nats-io/nats-core` and `nats` has it. */
export interface NatsRequester {
  request(subject: string, payload: string, options: { timeout: number }): Promise<{ data: Uint8Array }>;
}

/** How a client behaves. */
export interface NatsClientOptions {
  /** Its owner closes it. */
  connection: NatsRequester;
  /** Name of the API key whose rights calls have, where NATS lets this user publish for it alone. Default: what NATS allows. */
  keyName?: string;
  /** How long a call is waited for; milliseconds. Default 610,000, more than any function may take. */
  timeoutMs?: number;
  /** How often a call that failed for a reason that may pass is made again. Default 3. */
  retries?: number;
}

/** How a call is made. */
export interface NatsCallOptions {
  /** Ends the wait; the call may have its effect all the same. */
  signal?: AbortSignal;
}

/** A client of whichever kvflow serves a NATS; its calls throw KvflowError. */
export interface NatsClient extends Methods<NatsCallOptions> {
  /** Changes of a bucket, for `for await`, over lost connections without a gap or a repetition. */
  watch(bucket: string, options?: WatchOptions): AsyncGenerator<Change>;
}

type Call = (name: string, input: object, options?: NatsCallOptions) => Promise<unknown>;

const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 5_000;
/** One call of a watch waits so long for a change. */
const WATCH_WAIT_MS = 5_000;
const FINAL = new Set(['UNAUTHENTICATED', 'FORBIDDEN', 'INVALID_INPUT', 'BUCKET_NOT_FOUND', 'UNSUPPORTED']);

/**
 * Makes a client of the kvflow that serves its functions on a NATS (docs/hosts/nats-service.md). It has no dependencies: the
 * connection is the caller's.
 * @example
 * const kvflow = createNatsClient({ connection: await connect({ servers: 'nats://127.0.0.1:4222' }) });
 * await kvflow.kvKeyPut({ bucket: 'users', key: 'user.1', value: { theme: 'dark' } });
 */
export function createNatsClient({ retries = 3, ...how }: NatsClientOptions): NatsClient {
  const once = createCall(how);
  const call = async (name: string, input: unknown, options: NatsCallOptions = {}): Promise<unknown> => {
    for (let attempt = 0; ; attempt++) {
      try {
        return await once(name, input as object, options);
      } catch (error) {
        if (!(error instanceof KvflowError && error.retryable) || attempt >= retries) throw error;
        await pause(attempt, options.signal);
      }
    }
  };
  const watch = (bucket: string, options: WatchOptions = {}) => watchBucket(once, bucket, options);
  return withMethods({ watch }, call);
}

function createCall({ connection, keyName, timeoutMs = 610_000 }: Omit<NatsClientOptions, 'retries'>): Call {
  const prefix = keyName === undefined ? 'kvflow.fn' : `kvflow.fn.${keyName}`;
  return async (name, input, { signal } = {}) => {
    const subject = `${prefix}.${name}`;
    const asked = connection.request(subject, JSON.stringify(input), { timeout: timeoutMs });
    const answer = await ended(asked, signal).catch((error: Error) => {
      if (signal?.aborted) throw error;
      throw notAnswered(error, { subject, timeoutMs });
    });
    const envelope = JSON.parse(new TextDecoder().decode(answer.data)) as {
      status_code: number;
      data?: unknown;
      error?: ErrorBody;
    };
    if (envelope.error) throw new KvflowError(envelope.status_code, envelope.error);
    return envelope.data;
  };
}

/** Only where nobody listens is it known that nothing happened. */
function notAnswered(
  error: Error,
  { subject, timeoutMs }: { subject: string; timeoutMs: number },
): KvflowError {
  const said = `${error.name} ${error.message} ${(error.cause as Error | undefined)?.name ?? ''}`;
  if (/no ?responders|503/i.test(said))
    return unreachable(`No kvflow serves ${subject} on this NATS. Start one with: kvflow start`);
  if (/timeout/i.test(said)) {
    const message = `${subject} has not answered within ${timeoutMs / 1000} s; whether the call had an effect is not known.`;
    return new KvflowError(504, { code: 'TIMEOUT', message, retryable: false });
  }
  const message = `The request to ${subject} failed: ${error.message}`;
  return new KvflowError(0, { code: 'UNREACHABLE', message, retryable: false });
}

async function* watchBucket(call: Call, bucket: string, options: WatchOptions): AsyncGenerator<Change> {
  const { filter, start, signal } = options;
  let after_id = options.after;
  for (let attempt = 0; !signal?.aborted; ) {
    try {
      // The first answer says where "new" begins; there is nothing to wait for yet.
      const wait_ms = after_id === undefined ? 0 : WATCH_WAIT_MS;
      const place = { start: start ?? 'new', ...(after_id !== undefined && { after_id }) };
      const input = { bucket, wait_ms, ...(filter && { filter }), ...place };
      const answer = await call('kv-key-watch', input, signal ? { signal } : {});
      const { events, next_id, reset } = answer as {
        events: (Omit<Change, 'id'> & { id?: string })[];
        next_id: string;
        reset?: WatchReset;
      };
      if (reset) options.onReset?.(reset);
      attempt = 0;
      for (const event of events) {
        // Where an event says nothing else its id is the revision, and behind it which bucket of the name it is of.
        after_id = event.id ?? next_id.replace(/^\d+(-\w{1,8})?.*$/, `${event.revision}$1`);
        yield { ...event, id: after_id };
      }
      after_id = next_id;
    } catch (error) {
      if (signal?.aborted) return;
      if (error instanceof KvflowError && FINAL.has(error.code)) throw error;
      await pause(attempt++, signal).catch(() => undefined);
    }
  }
}

/** The answer, or the end of the signal, whichever comes first. */
function ended<T>(asked: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return asked;
  const { promise, reject } = Promise.withResolvers<never>();
  const end = () => reject(signal.reason);
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  return Promise.race([asked, promise]).finally(() => signal.removeEventListener('abort', end));
}

function pause(attempt: number, signal: AbortSignal | undefined): Promise<unknown> {
  const wait = Math.min(FIRST_WAIT_MS * 2 ** attempt, LONGEST_WAIT_MS);
  return ended(new Promise(resolve => setTimeout(resolve, wait)), signal);
}
