import type { Inspect } from './inspect.ts';

/** What `require('assert')` gives, and the comparison it shares with `util`. */
export interface GuestAssert {
  module: unknown;
  same(a: unknown, b: unknown, strict: boolean): boolean;
}

/** Builds it. */
export function makeAssert(inspect: Inspect): GuestAssert {
  // biome-ignore lint/suspicious/noDoubleEquals: assert.equal compares loosely, as Node's does
  const loose = (a: unknown, b: unknown): boolean => a == b;

  const same = (a: unknown, b: unknown, strict: boolean): boolean => {
    if (Object.is(a, b)) return true;
    if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null)
      return !strict && loose(a, b);
    if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b) && strict) return false;
    if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime();
    if (a instanceof Map && b instanceof Map) return same([...a], [...b], strict);
    if (a instanceof Set && b instanceof Set) return same([...a], [...b], strict);
    const keys = Object.keys(a);
    if (keys.length !== Object.keys(b).length) return false;
    const [x, y] = [a as Record<string, unknown>, b as Record<string, unknown>];
    return keys.every(key => Object.hasOwn(y, key) && same(x[key], y[key], strict));
  };

  class AssertionError extends Error {
    code = 'ERR_ASSERTION';
    override name = 'AssertionError';
  }
  const fail = (message: unknown, otherwise: string): never => {
    if (message instanceof Error) throw message;
    throw new AssertionError(message === undefined ? otherwise : String(message));
  };
  const check =
    (pass: (a: unknown, b: unknown) => boolean, words: string) =>
    (a: unknown, b: unknown, message?: unknown) => {
      if (!pass(a, b)) fail(message, `Expected ${inspect(a)} ${words} ${inspect(b)}`);
    };
  const ok = (value: unknown, message?: unknown) => {
    if (!value) fail(message, `${inspect(value)} is not truthy`);
  };
  const api = {
    AssertionError,
    ok,
    fail: (message?: unknown) => fail(message, 'Failed'),
    equal: check(loose, 'to equal'),
    notEqual: check((a, b) => !loose(a, b), 'not to equal'),
    strictEqual: check(Object.is, 'to be strictly equal to'),
    notStrictEqual: check((a, b) => !Object.is(a, b), 'not to be strictly equal to'),
    deepEqual: check((a, b) => same(a, b, false), 'to deeply equal'),
    deepStrictEqual: check((a, b) => same(a, b, true), 'to deeply equal'),
    notDeepEqual: check((a, b) => !same(a, b, false), 'not to deeply equal'),
    notDeepStrictEqual: check((a, b) => !same(a, b, true), 'not to deeply equal'),
    match: check((a, b) => (b as RegExp).test(String(a)), 'to match'),
    throws(fn: () => void, message?: unknown) {
      try {
        fn();
      } catch {
        return;
      }
      fail(typeof message === 'string' ? message : undefined, 'Missing expected exception');
    },
  };
  const module = Object.assign((value: unknown, message?: unknown) => ok(value, message), api, {
    strict: api,
  });
  return { module, same };
}
