/** Functions as methods of an object, typed: the same over HTTP, on NATS and in process. */
import type { FunctionTypes } from './functions.gen.ts';

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

/** Calls a function by its name. */
export type CallByName<Options> = <Name extends FunctionName>(
  name: Name,
  input: InputOf<Name>,
  options?: Options,
) => Promise<OutputOf<Name>>;

/** Every function as a method, `kvKeyPut(input)`, and `call` with the name as it is. */
export type Methods<Options> = {
  [Name in FunctionName as Camel<Name>]: (input: InputOf<Name>, options?: Options) => Promise<OutputOf<Name>>;
} & { call: CallByName<Options> };

/** Puts a method for every function beside what an object has already. */
export function withMethods<Options, Own extends object>(
  own: Own,
  call: (name: string, input: unknown, options?: Options) => Promise<unknown>,
): Own & Methods<Options> {
  const target = Object.assign(own, { call });
  return new Proxy(target as unknown as Own & Methods<Options>, {
    get: (object, name) => {
      // `then` would make a promise of it where it is awaited.
      if (typeof name !== 'string' || name in object || name === 'then') return Reflect.get(object, name);
      return (input: unknown, options?: Options) => call(kebab(name), input, options);
    },
  });
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);
}
