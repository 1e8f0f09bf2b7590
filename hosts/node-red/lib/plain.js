import { types } from 'node:util';

/** kvflow takes nothing that nests deeper. */
const MAX_DEPTH = 500;

/**
 * A value of a message as JSON has it: Maps become objects, Sets lists, Dates their ISO text, wherever they are in it. What is
 * JSON already is answered as it is. Function nodes make their values in a realm of their own, so that nothing is told by its class.
 * @param {unknown} value
 * @param {string} place of it in the input, such as `value` or `event/at`
 * @returns {unknown}
 * @throws Error that names the place of what JSON has no form for, and what to do
 */
export function toPlain(value, place) {
  return plain(value, place, 0);
}

/**
 * @param {unknown} value
 * @param {string} place
 * @param {number} depth
 * @returns {unknown}
 */
function plain(value, place, depth) {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new Error(`${place}: ${value} cannot be stored as JSON`);
  if (typeof value === 'bigint')
    throw new Error(`${place}: a BigInt within an object has no form in JSON; make it text with String()`);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH)
    throw new Error(`${place.split('/', 1)[0]}: it refers to itself, or nests more than ${MAX_DEPTH} deep`);
  if (Array.isArray(value)) return plainList(value, place, depth);
  if (isBytes(value))
    throw new Error(
      `${place}: bytes within an object have no form in JSON; make them text with toString('base64')`,
    );
  if (types.isDate(value)) return isoOf(value, place);
  if (types.isMap(value)) return plain(Object.fromEntries(value), place, depth);
  if (types.isSet(value)) return plain([...value], place, depth);
  if (types.isBoxedPrimitive(value)) return plain(value.valueOf(), place, depth);
  if ('toJSON' in value && typeof value.toJSON === 'function') return plain(value.toJSON(), place, depth + 1);
  refuseOthers(value, place);
  return plainObject(/** @type {Record<string, unknown>} */ (value), place, depth);
}

/**
 * @param {unknown} value
 * @returns {value is ArrayBufferLike | ArrayBufferView}
 */
export function isBytes(value) {
  return ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value);
}

/**
 * @param {Date} date
 * @param {string} place
 */
export function isoOf(date, place) {
  if (Number.isNaN(date.getTime())) throw new Error(`${place}: the Date is invalid`);
  return date.toISOString();
}

/**
 * As in JSON, what is undefined is null in a list.
 * @param {unknown[]} list
 * @param {string} place
 * @param {number} depth
 */
function plainList(list, place, depth) {
  /** @type {unknown[] | undefined} */
  let copy;
  for (let index = 0; index < list.length; index++) {
    const item = plain(list[index], `${place}/${index}`, depth + 1);
    const made = hasNone(item) ? null : item;
    if (made !== list[index]) copy ??= [...list];
    if (copy) copy[index] = made;
  }
  return copy ?? list;
}

/**
 * As in JSON, a member that is undefined or a function is left out.
 * @param {Record<string, unknown>} object
 * @param {string} place
 * @param {number} depth
 */
function plainObject(object, place, depth) {
  let isSame = true;
  const entries = [];
  for (const key of Object.keys(object)) {
    const member = object[key];
    const made = plain(member, `${place}/${key}`, depth + 1);
    if (made !== member || hasNone(made)) isSame = false;
    if (!hasNone(made)) entries.push([key, made]);
  }
  return isSame ? object : Object.fromEntries(entries);
}

/** @param {unknown} value */
function hasNone(value) {
  return value === undefined || typeof value === 'function' || typeof value === 'symbol';
}

/**
 * Of an Error, a RegExp, a Promise and their like JSON would keep nothing.
 * @param {object} value
 * @param {string} place
 */
function refuseOthers(value, place) {
  const kind = Object.prototype.toString.call(value).slice(8, -1);
  if (kind === 'Object' || (Object.keys(value).length > 0 && !types.isNativeError(value))) return;
  throw new Error(`${place}: ${kind} has no form in JSON; give what of it is meant, such as its text`);
}
