import { isUtf8 } from 'node:buffer';
import { invalidField, PackError } from '../../contract/errors.ts';
import { parseExact, stringifyExact } from '../../contract/exact-json.ts';
import { exactNumber } from '../../contract/exact-number.ts';
import { DEEPEST_JSON, isTooDeep } from './json-depth.ts';

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

/** Stored bytes as text, or as base64 with `encoding` where they are not UTF-8, so that nothing is lost. */
export function readValue(bytes: Uint8Array): { value: string; encoding?: 'base64' } {
  const buffer =
    bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString('utf8');
  // Where something is no UTF-8, U+FFFD stands in its place.
  return !text.includes('\ufffd') || isUtf8(buffer)
    ? { value: text }
    : { value: buffer.toString('base64'), encoding: 'base64' };
}

/** Bytes of base64 text, RFC 4648 with or without padding; anything else throws INVALID_INPUT. */
export function decodeBase64(text: string, pointer: string): Uint8Array {
  if (!BASE64.test(text)) {
    throw invalidField(pointer, 'is not base64 text (RFC 4648: A-Z a-z 0-9 + / and = at the end)');
  }
  return Buffer.from(text, 'base64');
}

/** A value as functions take it, ready to be stored: text as it is, objects and arrays as JSON, base64 as its bytes. */
export function toStored(value: string | object, encoding?: 'utf8' | 'base64'): string | Uint8Array {
  if (encoding !== 'base64') return typeof value === 'string' ? wellFormed(value) : stringifyExact(value);
  if (typeof value !== 'string') throw invalidField('/value', 'must be base64 text when encoding is base64');
  return decodeBase64(value, '/value');
}

/** What the JSON text of a value holds, token by token; INVALID_JSON_VALUE names the key where it is none, or too deep. */
export function parseJson(text: string, at: { bucket: string; key: string }): unknown {
  if (isTooDeep(text)) throw notJson(at, `nests objects and lists more than ${DEEPEST_JSON} deep`);
  try {
    const value = parseExact(text);
    return typeof value === 'number' ? exactNumber(text.trim()) : value;
  } catch (cause) {
    throw notJson(at, 'is no JSON', cause);
  }
}

function notJson({ bucket, key }: { bucket: string; key: string }, why: string, cause?: unknown): PackError {
  return new PackError(
    'INVALID_JSON_VALUE',
    `The value of key "${key}" in bucket "${bucket}" ${why}. Ask with json: false for the raw text.`,
    { details: { key }, cause },
  );
}

/** No bytes can hold half of a surrogate pair: it would be stored as another character. */
export function wellFormed(text: string, pointer = '/value'): string {
  if (text.isWellFormed()) return text;
  throw invalidField(
    pointer,
    'has half of a surrogate pair (a lone \\ud800 to \\udfff), which no UTF-8 text can hold; store bytes with "encoding": "base64"',
  );
}
