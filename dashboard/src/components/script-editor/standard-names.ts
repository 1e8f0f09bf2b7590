/** Names of the language itself that are worth completing; the browser has the same, with the same members. */
export const STANDARD_NAMES: readonly string[] = `
  AggregateError Array ArrayBuffer BigInt Boolean DataView Date decodeURIComponent encodeURIComponent
  Error Float64Array globalThis Infinity Intl isFinite isNaN JSON Map
  Math NaN Number Object parseFloat parseInt Promise RangeError RegExp
  Set String Symbol TypeError Uint8Array undefined WeakMap WeakSet
`
  .trim()
  .split(/\s+/);
