import * as packaged from 'buffer/index.js';

/** What of the npm package `buffer` the realm keeps: a class whose methods are plain JavaScript over `Uint8Array`. */
interface BufferClass {
  from(value: unknown, encoding?: unknown, length?: unknown): Uint8Array;
  isEncoding(name: unknown): boolean;
  byteLength(text: unknown, encoding?: unknown): number;
  prototype: { toString(encoding?: unknown, start?: number, end?: number): string };
}

/**
 * The `Buffer` of scripts. It is the package's own and not Node's: no object of the process outside is in the realm.
 * What the package lacks is added: the encoding `base64url`.
 */
export function makeBuffer(): unknown {
  const Buffer = packaged.Buffer as unknown as BufferClass;
  const URL_SAFE = /^base64url$/i;
  const plain = (encoding: unknown): unknown =>
    typeof encoding === 'string' && URL_SAFE.test(encoding) ? 'base64' : encoding;
  const { from, isEncoding, byteLength } = Buffer;
  const { toString: toText } = Buffer.prototype;

  Buffer.from = (value, encoding, length) =>
    from.call(Buffer, value, typeof value === 'string' ? plain(encoding) : encoding, length);
  Buffer.isEncoding = name => isEncoding.call(Buffer, plain(name));
  Buffer.byteLength = (text, encoding) => byteLength.call(Buffer, text, plain(encoding));
  Buffer.prototype.toString = function (this: unknown, encoding, start, end) {
    const text = toText.call(this, plain(encoding), start, end);
    if (encoding === plain(encoding)) return text;
    return text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
  };
  return Buffer;
}
