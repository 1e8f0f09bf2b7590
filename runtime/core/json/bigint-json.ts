/**
 * JSON text of a value whose bigints are written as `written` has them. They are rare, and looking at every value for them is
 * slow: it is done where JSON refuses the value, or where a library gave BigInt a toJSON for the whole process, which would make
 * text of them.
 *
 * Throws TypeError for what is no JSON, RangeError for what is nested too deeply.
 */
export function bigintJson(value: unknown, written: (big: bigint) => unknown): string {
  if (!('toJSON' in BigInt.prototype)) {
    try {
      return JSON.stringify(value);
    } catch {
      // One of them, or what is refused below as well.
    }
  }
  return JSON.stringify(value, replace);

  function replace(this: Record<string, unknown>, key: string, each: unknown): unknown {
    const own = this[key];
    return typeof own === 'bigint' ? written(own) : each;
  }
}
