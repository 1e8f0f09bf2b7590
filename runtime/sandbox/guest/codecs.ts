/** Text and byte codecs of the script's realm. */
export interface Codecs {
  encode(text: string): Uint8Array;
  decode(bytes: Uint8Array, fatal?: boolean): string;
  toBase64(bytes: Uint8Array): string;
  fromBase64(text: string): Uint8Array | undefined;
  toHex(bytes: Uint8Array): string;
  atob(text: string): string;
  btoa(text: string): string;
}

/**
 * Builds the codecs. In plain JavaScript, because a host function handed to a script is a way out of vm2.
 */
export function makeCodecs(): Codecs {
  const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const REVERSE: Record<string, number> = Object.create(null);
  for (let i = 0; i < 64; i++) REVERSE[ALPHABET.charAt(i)] = i;
  REVERSE['-'] = 62;
  REVERSE._ = 63;

  const encode = (text: string): Uint8Array => {
    // encodeURIComponent is the engine's own UTF-8 encoder; it refuses lone surrogates, hence toWellFormed.
    const escaped = encodeURIComponent(text.toWellFormed());
    const out = new Uint8Array(escaped.length);
    let n = 0;
    for (let i = 0; i < escaped.length; i++) {
      const code = escaped.charCodeAt(i);
      if (code === 37) {
        out[n++] = Number.parseInt(escaped.slice(i + 1, i + 3), 16);
        i += 2;
      } else out[n++] = code;
    }
    return out.slice(0, n);
  };

  /** One UTF-8 sequence at `i`: its code point and its length, or undefined when malformed. */
  const sequence = (b: Uint8Array, i: number): [number, number] | undefined => {
    const first = b[i] ?? 0;
    if (first < 0x80) return [first, 1];
    const size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4) return undefined;
    let point = first & (0xff >> (size + 1));
    for (let k = 1; k < size; k++) {
      const next = b[i + k] ?? 0;
      if ((next & 0xc0) !== 0x80) return undefined;
      point = (point << 6) | (next & 0x3f);
    }
    const least = size === 4 ? 0x10000 : size === 3 ? 0x800 : 0x80;
    if (point < least || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return undefined;
    return [point, size];
  };

  const decode = (bytes: Uint8Array, fatal = false): string => {
    let out = '';
    for (let i = 0; i < bytes.length; ) {
      const found = sequence(bytes, i);
      if (!found && fatal) throw new TypeError('The encoded data was not valid for encoding utf-8');
      out += found ? String.fromCodePoint(found[0]) : '\ufffd';
      i += found ? found[1] : 1;
    }
    return out;
  };

  const toBase64 = (b: Uint8Array): string => {
    let out = '';
    for (let i = 0; i < b.length; i += 3) {
      const word = ((b[i] ?? 0) << 16) | ((b[i + 1] ?? 0) << 8) | (b[i + 2] ?? 0);
      out += ALPHABET.charAt(word >> 18) + ALPHABET.charAt((word >> 12) & 63);
      out += i + 1 < b.length ? ALPHABET.charAt((word >> 6) & 63) : '=';
      out += i + 2 < b.length ? ALPHABET.charAt(word & 63) : '=';
    }
    return out;
  };

  const fromBase64 = (text: string): Uint8Array | undefined => {
    const clean = text.replace(/[\t\n\f\r ]/g, '').replace(/={1,2}$/, '');
    if (clean.length % 4 === 1) return undefined;
    const out = new Uint8Array(Math.floor((clean.length * 3) / 4));
    let bits = 0;
    let word = 0;
    let n = 0;
    for (const char of clean) {
      const value = REVERSE[char];
      if (value === undefined) return undefined;
      word = ((word << 6) | value) & 0xffffff;
      bits += 6;
      if (bits >= 8) {
        bits -= 8;
        out[n++] = (word >> bits) & 0xff;
      }
    }
    return out;
  };

  const toHex = (bytes: Uint8Array): string => {
    let out = '';
    for (const byte of bytes) out += (byte < 16 ? '0' : '') + byte.toString(16);
    return out;
  };

  const atob = (text: string): string => {
    const bytes = /[-_]/.test(text) ? undefined : fromBase64(String(text));
    if (!bytes) throw new TypeError('The string to be decoded is not correctly encoded.');
    let out = '';
    for (const byte of bytes) out += String.fromCharCode(byte);
    return out;
  };

  const btoa = (text: string): string => {
    const source = String(text);
    const bytes = new Uint8Array(source.length);
    for (let i = 0; i < source.length; i++) {
      const code = source.charCodeAt(i);
      if (code > 255) throw new TypeError('btoa: the string has characters beyond Latin-1; encode it first.');
      bytes[i] = code;
    }
    return toBase64(bytes);
  };

  return { encode, decode, toBase64, fromBase64, toHex, atob, btoa };
}
