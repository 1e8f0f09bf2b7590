/**
 * JSON text of a value whose bigints are written as `written` has them. Looks at the values themselves: a library may give BigInt
 * a toJSON for the whole process, which makes text of them before a replacer is asked.
 *
 * Throws TypeError for what is no JSON, RangeError for what is nested too deeply.
 */
export function bigintJson(value: unknown, written: (big: bigint) => unknown): string {
  return JSON.stringify(value, replace);

  function replace(this: Record<string, unknown>, key: string, each: unknown): unknown {
    const own = this[key];
    return typeof own === 'bigint' ? written(own) : each;
  }
}

/** Whether JSON refuses bigints, as the language has it, so that a value can be tried as it is. */
export function isBigintRefused(): boolean {
  return !('toJSON' in BigInt.prototype);
}
