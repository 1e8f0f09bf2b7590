import { bytesOf, hexDump, type StoredText } from '../../lib/bytes.ts';
import { formatJson } from '../../lib/json-text.ts';

/** A value as it is compared: JSON laid out, bytes in hex. */
export function comparedText(stored: StoredText): string {
  return stored.encoding === 'base64' ? hexDump(bytesOf(stored)) : formatJson(stored.value);
}
