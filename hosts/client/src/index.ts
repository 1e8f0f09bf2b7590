import type { FunctionTypes } from '../../../contract/functions.gen.ts';
import { type CallOptions, createCalls } from './calls.ts';
import { createHttp, type HttpOptions } from './http.ts';
import { type Change, type WatchOptions, watchBucket } from './watch.ts';

export type * from '../../../contract/types.gen.ts';
export type { CallOptions } from './calls.ts';
export { type ErrorBody, KvflowError } from './errors.ts';
export type { Change, WatchOptions } from './watch.ts';
export type { FunctionTypes };

/** Name of a function: `kv-key-put`. */
export type FunctionName = keyof FunctionTypes;
/** Input of a function, by its name. */
export type InputOf<Name extends FunctionName> = FunctionTypes[Name]['input'];
/** Output of a function, by its name. */
export type OutputOf<Name extends FunctionName> = FunctionTypes[Name]['output'];
/** Codes that a function may fail with, by its name. */
export type ErrorsOf<Name extends FunctionName> = FunctionTypes[Name]['errors'];

type Camel<Name extends string> = Name extends `${infer Head}-${infer Rest}`
  ? `${Head}${Capitalize<Camel<Rest>>}`
  : Name;

/** Every function as a method: `kvKeyPut(input)`. */
export type Methods = {
  [Name in FunctionName as Camel<Name>]: (
    input: InputOf<Name>,
    options?: CallOptions,
  ) => Promise<OutputOf<Name>>;
};

/** A client of one kvflow. */
export interface Client extends Methods {
  /** Calls a function by its name; throws KvflowError. */
  call<Name extends FunctionName>(
    name: Name,
    input: InputOf<Name>,
    options?: CallOptions,
  ): Promise<OutputOf<Name>>;
  /** Changes of a bucket, for `for await`, over lost connections without a gap or a repetition. */
  watch(bucket: string, options?: WatchOptions): AsyncGenerator<Change>;
}

/** How a client behaves. */
export interface ClientOptions extends HttpOptions {
  /** How often a call that failed for a reason that may pass is made again. Default 3. */
  retries?: number;
  /** Whether calls made in one tick go together in one request. Default true. */
  batch?: boolean;
}

/**
 * Makes a client of a kvflow over HTTP, for Node, browsers and the edge; it has no dependencies.
 * @example
 * const kvflow = createClient({ url: 'http://127.0.0.1:4280' });
 * await kvflow.kvKeyPut({ bucket: 'users', key: 'user.1', value: { theme: 'dark' } });
 * for await (const { key, value } of kvflow.watch('users')) console.log(key, value);
 */
export function createClient({ retries = 3, batch = true, ...where }: ClientOptions): Client {
  const http = createHttp(where);
  const call = createCalls(http, { retries, batch });
  const own = {
    call,
    watch: (bucket: string, options: WatchOptions = {}) => watchBucket(http, bucket, options),
  };
  return new Proxy(own as unknown as Client, {
    get: (target, name) => {
      // `then` would make a promise of it where it is awaited.
      if (typeof name !== 'string' || name in target || name === 'then') return Reflect.get(target, name);
      return (input: unknown, options?: CallOptions) => call(kebab(name), input, options);
    },
  });
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);
}
