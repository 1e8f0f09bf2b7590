import type { Codecs } from './codecs.ts';

/** What `TextDecoder` is built from. */
export interface DecoderParts {
  codecs: Codecs;
  /** The upper 128 characters of each encoding of one byte a character, by its name. */
  tables: Record<string, string>;
  /** Names of encodings by what else they are called, in small letters. */
  labels: Record<string, string>;
}

/** Builds the class. */
export function makeTextDecoder({ codecs, tables, labels }: DecoderParts): unknown {
  const WIDE = ['utf-16le', 'utf-16be'];

  const wide = (bytes: Uint8Array, isLittle: boolean, fatal: boolean): string => {
    let out = '';
    for (let at = 0; at + 1 < bytes.length; at += 2) {
      const [a = 0, b = 0] = [bytes[at], bytes[at + 1]];
      out += String.fromCharCode(isLittle ? a + b * 256 : a * 256 + b);
    }
    if (bytes.length % 2 === 1) out += '\ufffd';
    if (fatal && (!out.isWellFormed() || bytes.length % 2 === 1)) throw invalid('utf-16');
    return out.toWellFormed();
  };
  const narrow = (
    bytes: Uint8Array,
    table: string,
    { name, fatal }: { name: string; fatal: boolean },
  ): string => {
    let out = '';
    for (const byte of bytes) out += byte < 128 ? String.fromCharCode(byte) : table.charAt(byte - 128);
    if (fatal && out.includes('\ufffd')) throw invalid(name);
    return out;
  };
  const invalid = (name: string): TypeError =>
    new TypeError(`The encoded data was not valid for encoding ${name}`);

  /** Bytes at the end that begin a character and do not end it. */
  const unfinished = (bytes: Uint8Array, name: string): number => {
    if (WIDE.includes(name)) {
      const rest = bytes.length % 2;
      const high = bytes[bytes.length - rest - (name === 'utf-16le' ? 1 : 2)] ?? 0;
      return rest + (bytes.length >= 2 && high >= 0xd8 && high < 0xdc ? 2 : 0);
    }
    for (let back = 1; name === 'utf-8' && back <= Math.min(3, bytes.length); back++) {
      const byte = bytes[bytes.length - back] ?? 0;
      if (byte >= 0xc0) return (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) > back ? back : 0;
      if (byte < 0x80) return 0;
    }
    return 0;
  };

  return class TextDecoder {
    readonly encoding: string;
    readonly fatal: boolean;
    readonly ignoreBOM: boolean;
    #rest: Uint8Array = new Uint8Array(0);
    #begun = false;
    constructor(label: unknown = 'utf-8', options: { fatal?: boolean; ignoreBOM?: boolean } = {}) {
      const name = labels[String(label).trim().toLowerCase()];
      if (name === undefined)
        throw new RangeError(
          `TextDecoder: the encoding "${String(label).slice(0, 50)}" is not known here; there are utf-8, utf-16le, utf-16be and those of one byte a character.`,
        );
      this.encoding = name;
      this.fatal = options.fatal === true;
      this.ignoreBOM = options.ignoreBOM === true;
    }
    decode(data?: ArrayBuffer | ArrayBufferView, { stream = false }: { stream?: boolean } = {}): string {
      const bytes = this.#join(data);
      const keep = stream ? unfinished(bytes, this.encoding) : 0;
      this.#rest = bytes.slice(bytes.length - keep);
      const text = this.#text(bytes.subarray(0, bytes.length - keep));
      const isFirst = !this.#begun;
      this.#begun = stream && (this.#begun || text !== '');
      return isFirst && !this.ignoreBOM ? text.replace(/^\ufeff/, '') : text;
    }
    #join(data?: ArrayBuffer | ArrayBufferView): Uint8Array {
      const bytes =
        data === undefined
          ? new Uint8Array(0)
          : ArrayBuffer.isView(data)
            ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
            : new Uint8Array(data);
      if (this.#rest.length === 0) return bytes;
      const all = new Uint8Array(this.#rest.length + bytes.length);
      all.set(this.#rest);
      all.set(bytes, this.#rest.length);
      return all;
    }
    #text(bytes: Uint8Array): string {
      const { encoding: name, fatal } = this;
      if (name === 'utf-8') return codecs.decode(bytes, fatal);
      if (WIDE.includes(name)) return wide(bytes, name === 'utf-16le', fatal);
      return narrow(bytes, tables[name] ?? '', { name, fatal });
    }
  };
}
