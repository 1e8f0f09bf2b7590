import { isBytes, toPlain } from './plain.js';

/** @import { Envelope } from './types.d.ts' */

/** Fields that list what has a value of its own each. */
const LISTS = new Set(['items', 'operations', 'records']);

/**
 * What kvflow stores of a value of a message. Bytes are sent as base64, so that they are stored as bytes; scalars become
 * JSON text, dates ISO text. Text goes as it is, and all else as {@link toPlain} has it.
 * @param {unknown} value
 * @param {string} place of it in the input
 * @returns {{ value: unknown, encoding?: 'base64' }}
 * @throws Error for a value that JSON has no word for, with its place
 */
function toStored(value, place) {
  const bytes = bytesOf(value);
  if (bytes) return { value: bytes.toString('base64'), encoding: 'base64' };
  if (typeof value === 'bigint') return { value: String(value) };
  const plain = toPlain(value, place);
  return { value: typeof plain === 'number' || typeof plain === 'boolean' ? JSON.stringify(plain) : plain };
}

/**
 * An input as kvflow takes it: every value in it as it is stored, its own and those of its items, and all else as JSON.
 * @param {Record<string, unknown>} input
 * @returns {Record<string, unknown>}
 * @throws Error that names the place of what has no form in JSON
 */
export function withStoredValues(input) {
  return withValue(input, '');
}

/**
 * @param {Record<string, unknown>} object
 * @param {string} above its place, with a slash behind it
 * @returns {Record<string, unknown>}
 */
function withValue(object, above) {
  /** @type {Record<string, unknown>} */
  const made = {};
  for (const [name, value] of Object.entries(object)) {
    const place = above + name;
    if (name === 'value') Object.assign(made, toStored(value, place));
    else if (LISTS.has(name) && above === '' && Array.isArray(value))
      made[name] = value.map((item, index) => listed(item, `${place}/${index}`));
    else made[name] = toPlain(value, place);
  }
  return made;
}

/**
 * @param {unknown} item
 * @param {string} place
 */
function listed(item, place) {
  return typeof item === 'object' && item !== null && 'value' in item
    ? withValue(/** @type {Record<string, unknown>} */ (item), `${place}/`)
    : toPlain(item, place);
}

/**
 * An answer with its values as a flow uses them: bytes as Buffers, JSON parsed, everything else as text.
 * @param {Envelope} envelope
 * @returns {Envelope}
 */
export function withUsableValues(envelope) {
  const { data } = envelope;
  if (!data) return envelope;
  if (Array.isArray(data.items)) return { ...envelope, data: { ...data, items: data.items.map(usable) } };
  return { ...envelope, data: usable(data) };
}

/**
 * @template {Record<string, unknown>} T
 * @param {T} item
 * @returns {T}
 */
function usable(item) {
  if (typeof item.value !== 'string') return item;
  const { encoding, ...rest } = item;
  const value = encoding === 'base64' ? Buffer.from(item.value, 'base64') : fromText(item.value);
  return /** @type {T} */ (/** @type {unknown} */ ({ ...rest, value }));
}

/**
 * Numbers that JavaScript would change, such as long ids and `007`, stay text.
 * @param {string} text
 * @returns {unknown}
 */
function fromText(text) {
  if (!/^\s*[[{\d\-tfn]/.test(text)) return text;
  try {
    const value = JSON.parse(text);
    return typeof value === 'number' && String(value) !== text ? text : value;
  } catch {
    return text;
  }
}

/**
 * @param {unknown} value
 * @returns {Buffer | undefined}
 */
function bytesOf(value) {
  if (!isBytes(value)) return undefined;
  return ArrayBuffer.isView(value)
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    : Buffer.from(value);
}
