/** JSON read and written again without changing what nobody touched. */

/** A JSON value. Numbers that JavaScript cannot hold exactly are kept as their text, see {@link parseExact}. */
export type Json = unknown;

/** A JSON object. */
export type JsonObject = Record<string, Json>;

/** `JSON.rawJSON` (ECMAScript proposal "JSON.parse source text access"), which TypeScript's library does not have yet. */
const raw = JSON as unknown as { rawJSON(text: string): object; isRawJSON(value: unknown): boolean };

/** Reads JSON; numbers whose text is not what JavaScript would write (large ones, `1.0`) are written again as they were. */
export function parseExact(text: string): Json {
  const keepNumbers = (_name: string, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' && context?.source !== undefined && String(value) !== context.source
      ? raw.rawJSON(context.source)
      : value;
  return JSON.parse(text, keepNumbers as (name: string, value: unknown) => unknown);
}

/** The number a JSON value is, also one that is kept as its text; undefined: it is none. */
export function numberOf(value: Json): number | undefined {
  if (typeof value === 'number') return value;
  return raw.isRawJSON(value) ? Number(JSON.stringify(value)) : undefined;
}

/** Whether two JSON values are the same number, whatever JavaScript makes of it: 1.0 and 1 are, 2^53 and 2^53 + 1 are not. */
export function sameNumber(a: Json, b: Json): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a === b;
  if (numberOf(a) === undefined || numberOf(b) === undefined) return false;
  return decimal(JSON.stringify(a)) === decimal(JSON.stringify(b));
}

/** The one way to write a number of JSON: its digits without zeros at either end, and the power of ten they begin with. */
function decimal(token: string): string {
  const [, sign = '', whole = '', part = '', power = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(token) ?? [];
  const digits = (whole + part).replace(/^0+/, '');
  if (digits === '') return '0';
  const exponent = BigInt(power) + BigInt(digits.length - part.length);
  return `${sign}${digits.replace(/0+$/, '')}e${exponent}`;
}

/** Whether a JSON value is an object, no array and no number kept as text. */
export function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !raw.isRawJSON(value);
}

/** A member of an object by any name, `__proto__` included. */
export function setMember(object: JsonObject, name: string, value: Json): void {
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}

/** Whether an object has a member of that name itself. */
export function hasMember(object: JsonObject, name: string): boolean {
  return Object.hasOwn(object, name);
}
