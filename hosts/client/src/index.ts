import type { FunctionTypes } from '../../../contract/functions.gen.ts';
import { type Methods, withMethods } from '../../../contract/methods.ts';
import { type CallOptions, createCalls } from './calls.ts';
import { createHttp, type HttpOptions } from './http.ts';
import { type Change, type WatchOptions, watchBucket } from './watch.ts';

export type { ErrorsOf, FunctionName, InputOf, Methods, OutputOf } from '../../../contract/methods.ts';
export type * from '../../../contract/types.gen.ts';
export type { CallOptions } from './calls.ts';
export { type ErrorBody, isErrorOf, KvflowError } from './errors.ts';
export type { Change, WatchOptions, WatchReset } from './watch.ts';
export type { FunctionTypes };

/** A client of one kvflow; its calls throw KvflowError. */
export interface Client extends Methods<CallOptions> {
  /** Changes of a bucket, for `for await`, over lost connections without a gap or a repetition. */
  watch(bucket: string, options?: WatchOptions): AsyncGenerator<Change>;
}

/** How a client behaves. */
export interface ClientOptions extends HttpOptions {
  /** How often a call that failed for a reason that may pass is made again. Default 3. */
  retries?: number;
  /** Whether calls that are made together go together in one request. Default true. */
  batch?: boolean;
  /** Calls `send` once what goes together was made. Default: at the end of the tick; `setImmediate` gathers more where there is one. */
  gather?: (send: () => void) => void;
}

/**
 * Makes a client of a kvflow over HTTP, for Node, browsers and the edge; it has no dependencies.
 * @example
 * const kvflow = createClient({ url: 'http://127.0.0.1:4280' });
 * await kvflow.kvKeyPut({ bucket: 'users', key: 'user.1', value: { theme: 'dark' } });
 * for await (const { key, value } of kvflow.watch('users')) console.log(key, value);
 */
export function createClient({
  retries = 3,
  batch = true,
  gather = queueMicrotask,
  ...where
}: ClientOptions): Client {
  const http = createHttp(where);
  const watch = (bucket: string, options: WatchOptions = {}) => watchBucket(http, bucket, options);
  return withMethods({ watch }, createCalls(http, { retries, batch, gather, signal: where.signal }));
}
