import type { Codecs } from './codecs.ts';
import { beginDigest, blockSizeOf, type Digesting, digestOf, HASH_NAMES, hmacOf } from './hash.ts';

/** The `crypto` global, `$hash` and what `require('crypto')` gives. */
export interface GuestCrypto {
  /** Fresh random hex from the process, once per batch: the script's realm has no source of its own. */
  seed(hex: string): void;
  hash(algorithm: string, text: unknown): string;
  webcrypto: object;
  module: object;
}

/** Builds them. */
export function makeCrypto(codecs: Codecs): GuestCrypto {
  let key = '';
  /** The last seed, until it is used: most scripts never ask for what is random. */
  let given = '';
  let counter = 0;
  let pool: Uint8Array = new Uint8Array(0);

  const random = (size: number): Uint8Array => {
    if (given !== '') reseed();
    const out = new Uint8Array(size);
    for (let filled = 0; filled < size; ) {
      if (pool.length === 0) pool = digest('sha256', `${key}:${counter++}`);
      const part = pool.subarray(0, size - filled);
      out.set(part, filled);
      pool = pool.subarray(part.length);
      filled += part.length;
    }
    return out;
  };

  const reseed = (): void => {
    key = codecs.toHex(digest('sha256', `${key}${given}`));
    given = '';
    counter = 0;
    pool = new Uint8Array(0);
  };

  const bytesOf = (data: unknown): Uint8Array => {
    if (typeof data === 'string') return codecs.encode(data);
    if (data instanceof ArrayBuffer) return new Uint8Array(data);
    if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    throw new TypeError('Data to hash must be a string, an ArrayBuffer or a typed array.');
  };

  const digest = (algorithm: string, data: unknown): Uint8Array => digestOf(algorithm, bytesOf(data));

  const format = (bytes: Uint8Array, encoding: string | undefined): unknown => {
    if (encoding === 'hex') return codecs.toHex(bytes);
    if (encoding === 'base64') return codecs.toBase64(bytes);
    if (encoding === 'base64url')
      return codecs.toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
    if (encoding === undefined) return bytes;
    throw new TypeError(`Unknown digest encoding "${encoding}". Known: hex, base64, base64url.`);
  };

  /** The object of `createHash` and `createHmac`: update as often as wanted, digest once. */
  const hasher = (begun: Digesting) => {
    const self = {
      update(data: unknown) {
        begun.update(bytesOf(data));
        return self;
      },
      digest: (encoding?: string) => format(begun.digest(), encoding),
    };
    return self;
  };

  const randomUUID = (): string => {
    const b = random(16);
    b[6] = ((b[6] ?? 0) & 0x0f) | 0x40;
    b[8] = ((b[8] ?? 0) & 0x3f) | 0x80;
    return codecs.toHex(b).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  };

  const getRandomValues = <T extends ArrayBufferView>(target: T): T => {
    if (!ArrayBuffer.isView(target) || target.byteLength > 65536)
      throw new TypeError('getRandomValues takes a typed array of at most 65536 bytes.');
    new Uint8Array(target.buffer, target.byteOffset, target.byteLength).set(random(target.byteLength));
    return target;
  };

  /** A key for HMAC; what it is of stays here. */
  class CryptoKey {
    readonly type = 'secret';
    readonly extractable: boolean;
    readonly algorithm: object;
    readonly usages: string[];
    constructor(bytes: Uint8Array, hash: string, { extractable = false, usages = [] as string[] } = {}) {
      this.extractable = extractable;
      this.algorithm = { name: 'HMAC', hash: { name: hash }, length: bytes.length * 8 };
      this.usages = usages;
      keys.set(this, { bytes, hash });
    }
  }
  const keys = new WeakMap<object, { bytes: Uint8Array; hash: string }>();
  type Algorithm = string | { name: string; hash?: string | { name: string } };
  const nameOf = (algorithm: Algorithm): string =>
    typeof algorithm === 'string' ? algorithm : String(algorithm.name);
  const hashOf = (algorithm: Algorithm): string => {
    if (nameOf(algorithm).toUpperCase() !== 'HMAC')
      throw new TypeError('crypto.subtle has keys for HMAC only.');
    const { hash } = algorithm as { hash?: string | { name: string } };
    if (hash === undefined)
      throw new TypeError('HMAC needs a hash, such as { name: "HMAC", hash: "SHA-256" }.');
    digest(nameOf(hash), '');
    return nameOf(hash);
  };
  const keyOf = (key: unknown, usage: string): { bytes: Uint8Array; hash: string } => {
    const found = typeof key === 'object' && key !== null ? keys.get(key) : undefined;
    if (!found || !(key as CryptoKey).usages.includes(usage))
      throw new TypeError(`The key is not for ${usage}.`);
    return found;
  };
  const sameBytes = (x: Uint8Array, y: Uint8Array): boolean =>
    x.length === y.length && x.reduce((sum, byte, i) => sum | (byte ^ (y[i] ?? 0)), 0) === 0;
  const subtle = {
    digest: async (algorithm: Algorithm, data: unknown): Promise<ArrayBufferLike> =>
      digest(nameOf(algorithm), data).slice().buffer,
    async importKey(
      form: string,
      data: unknown,
      algorithm: Algorithm,
      extractable: boolean,
      usages: string[],
    ) {
      const hash = hashOf(algorithm);
      if (form === 'raw')
        return new CryptoKey(bytesOf(data).slice(), hash, { extractable, usages: [...usages] });
      const bytes = form === 'jwk' ? codecs.fromBase64(String((data as { k?: unknown }).k)) : undefined;
      if (!bytes) throw new TypeError('crypto.subtle imports keys as raw or as jwk.');
      return new CryptoKey(bytes, hash, { extractable, usages: [...usages] });
    },
    async generateKey(algorithm: Algorithm, extractable: boolean, usages: string[]) {
      const hash = hashOf(algorithm);
      return new CryptoKey(random(blockSizeOf(hash)), hash, { extractable, usages: [...usages] });
    },
    async exportKey(form: string, key: CryptoKey) {
      const found = keys.get(key);
      if (!found || !key.extractable || form !== 'raw') throw new TypeError('The key cannot be exported so.');
      return found.bytes.slice().buffer;
    },
    async sign(_algorithm: Algorithm, key: unknown, data: unknown) {
      const { bytes, hash } = keyOf(key, 'sign');
      return hmacOf(hash, bytes, bytesOf(data)).slice().buffer;
    },
    async verify(_algorithm: Algorithm, key: unknown, signature: unknown, data: unknown) {
      const { bytes, hash } = keyOf(key, 'verify');
      return sameBytes(hmacOf(hash, bytes, bytesOf(data)), bytesOf(signature));
    },
  };
  const webcrypto = { randomUUID, getRandomValues, subtle };

  const randomBytes = (size: number): Uint8Array => {
    if (!(size >= 0 && size <= 65536)) throw new RangeError('randomBytes takes a size of 0 to 65536.');
    return random(size);
  };

  const module = {
    ...webcrypto,
    webcrypto,
    randomBytes,
    randomInt: (a: number, b?: number): number => {
      const [low, high] = b === undefined ? [0, a] : [a, b];
      const word = random(6).reduce((sum, byte) => sum * 256 + byte, 0);
      return low + (word % (high - low));
    },
    createHash: (algorithm: string) => hasher(beginDigest(algorithm)),
    createHmac: (algorithm: string, secret: unknown) => hasher(beginDigest(algorithm, bytesOf(secret))),
    hash: (algorithm: string, data: unknown, encoding = 'hex') => format(digest(algorithm, data), encoding),
    getHashes: () => [...HASH_NAMES],
    timingSafeEqual: (a: unknown, b: unknown): boolean => {
      const x = bytesOf(a);
      const y = bytesOf(b);
      if (x.length !== y.length) throw new RangeError('timingSafeEqual takes inputs of the same length.');
      return sameBytes(x, y);
    },
  };

  return {
    seed: hex => {
      given = hex;
    },
    hash: (algorithm, text) =>
      codecs.toHex(digest(algorithm, typeof text === 'number' ? String(text) : text)),
    webcrypto,
    module,
  };
}
