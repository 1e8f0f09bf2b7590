/** @import { Envelope } from './types.d.ts' */

/**
 * What kvflow stores of a value of a message. Bytes are sent as base64, so that they are stored as bytes; scalars become
 * JSON text, dates ISO text, Maps objects and Sets lists. Objects, lists and text go as they are.
 * @param {unknown} value
 * @returns {{ value: unknown, encoding?: 'base64' }}
 * @throws Error for a value that JSON has no word for
 */
export function toStored(value) {
  const bytes = bytesOf(value);
  if (bytes) return { value: bytes.toString('base64'), encoding: 'base64' };
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new Error(`${value} cannot be stored as JSON`);
  if (typeof value === 'number' || typeof value === 'boolean') return { value: JSON.stringify(value) };
  if (typeof value === 'bigint') return { value: String(value) };
  if (value instanceof Date) return { value: value.toISOString() };
  if (value instanceof Map) return { value: Object.fromEntries(value) };
  if (value instanceof Set) return { value: [...value] };
  return { value };
}

/**
 * An input with every value in it as {@link toStored} has it: its own, and those of its items.
 * @param {Record<string, unknown>} input
 * @returns {Record<string, unknown>}
 */
export function withStoredValues(input) {
  if (Array.isArray(input.items)) return { ...input, items: input.items.map(item => storedItem(item)) };
  return 'value' in input ? { ...input, ...toStored(input.value) } : input;
}

/** @param {unknown} item */
function storedItem(item) {
  return typeof item === 'object' && item !== null && 'value' in item
    ? { ...item, ...toStored(item.value) }
    : item;
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
  if (value instanceof ArrayBuffer) return Buffer.from(value);
  return ArrayBuffer.isView(value)
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    : undefined;
}
