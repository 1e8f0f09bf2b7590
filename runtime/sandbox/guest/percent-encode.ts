import { codecs } from './text.ts';

/**
 * Percent-encodes the bytes of a text in UTF-8: those of the set, and all that are no printable ASCII. It stands for a
 * package of whatwg-url's that knows all encodings of old pages.
 */
export function percentEncodeAfterEncoding(
  _encoding: string,
  text: string,
  set: string,
  spaceAsPlus = false,
): string {
  let out = '';
  for (const byte of codecs.encode(text)) {
    const char = String.fromCharCode(byte);
    if (spaceAsPlus && char === ' ') out += '+';
    else if (byte < 0x20 || byte > 0x7e || set.includes(char))
      out += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    else out += char;
  }
  return out;
}
