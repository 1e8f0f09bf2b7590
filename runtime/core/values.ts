import { isUtf8 } from 'node:buffer';
import { invalidField } from './errors.ts';

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

/** Stored bytes as text, or as base64 with `encoding` where they are not UTF-8, so that nothing is lost. */
export function readValue(bytes: Uint8Array): { value: string; encoding?: 'base64' } {
  const buffer =
    bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return isUtf8(buffer)
    ? { value: buffer.toString('utf8') }
    : { value: buffer.toString('base64'), encoding: 'base64' };
}

/** Bytes of base64 text, RFC 4648 with or without padding; anything else throws INVALID_INPUT. */
export function decodeBase64(text: string, pointer: string): Uint8Array {
  if (!BASE64.test(text)) {
    throw invalidField(pointer, 'is not base64 text (RFC 4648: A-Z a-z 0-9 + / and = at the end)');
  }
  return Buffer.from(text, 'base64');
}
