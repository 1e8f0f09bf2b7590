/** Digests by name, in plain JavaScript. */
export interface Hashes {
  /** The digest of `bytes`, or undefined when the algorithm is not known. Names as in Node: `sha256`, `SHA-256`. */
  digest(algorithm: string, bytes: Uint8Array): Uint8Array | undefined;
  /** Block size in bytes, for HMAC. */
  blockSize(algorithm: string): number;
  names: readonly string[];
}

/** Builds the digests. Sent to the worker as source text: refers to nothing outside itself. */
export function makeHashes(): Hashes {
  const primes = (count: number): number[] => {
    const found: number[] = [];
    for (let n = 2; found.length < count; n++) if (found.every(p => n % p !== 0)) found.push(n);
    return found;
  };
  /** The first 64 bits of the fraction of the square or cube root of a prime: where SHA-2's constants come from. */
  const rootBits = (prime: number, power: 2n | 3n): bigint => {
    const target = BigInt(prime) << (64n * power);
    let low = 0n;
    let high = 1n << 70n;
    while (high - low > 1n) {
      const mid = (low + high) >> 1n;
      if (mid ** power <= target) low = mid;
      else high = mid;
    }
    return low & 0xffffffffffffffffn;
  };
  let tables: { k: bigint[]; h: bigint[]; k32: Int32Array } | undefined;
  const constants = () => {
    if (!tables) {
      const k = primes(80).map(p => rootBits(p, 3n));
      const h = primes(16).map(p => rootBits(p, 2n));
      tables = { k, h, k32: Int32Array.from(k, word => Number(BigInt.asIntN(32, word >> 32n))) };
    }
    return tables;
  };

  /** Message, 0x80, zeros and the bit length, to a multiple of `block`. */
  const pad = (bytes: Uint8Array, block: number, little: boolean): DataView => {
    const tail = block === 128 ? 17 : 9;
    const size = Math.ceil((bytes.length + tail) / block) * block;
    const out = new Uint8Array(size);
    out.set(bytes);
    out[bytes.length] = 0x80;
    const view = new DataView(out.buffer);
    const bits = BigInt(bytes.length) * 8n;
    view.setBigUint64(size - 8, bits, little);
    return view;
  };
  const rotl = (x: number, n: number): number => (x << n) | (x >>> (32 - n));
  const rotr = (x: number, n: number): number => (x >>> n) | (x << (32 - n));

  const words = (state: Int32Array, little: boolean): Uint8Array => {
    const out = new DataView(new ArrayBuffer(state.length * 4));
    for (let i = 0; i < state.length; i++) out.setInt32(i * 4, state[i] ?? 0, little);
    return new Uint8Array(out.buffer);
  };

  const md5 = (bytes: Uint8Array): Uint8Array => {
    const shifts = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];
    const view = pad(bytes, 64, true);
    const state = new Int32Array([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476]);
    for (let at = 0; at < view.byteLength; at += 64) {
      let [a = 0, b = 0, c = 0, d = 0] = state;
      for (let i = 0; i < 64; i++) {
        const round = i >> 4;
        const f =
          round === 0
            ? (b & c) | (~b & d)
            : round === 1
              ? (d & b) | (~d & c)
              : round === 2
                ? b ^ c ^ d
                : c ^ (b | ~d);
        const g =
          round === 0 ? i : round === 1 ? (5 * i + 1) % 16 : round === 2 ? (3 * i + 5) % 16 : (7 * i) % 16;
        const sum =
          (a + f + Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32) + view.getInt32(at + g * 4, true)) | 0;
        a = d;
        d = c;
        c = b;
        b = (b + rotl(sum, shifts[round * 4 + (i % 4)] ?? 0)) | 0;
      }
      [a, b, c, d].forEach((word, i) => {
        state[i] = (state[i] ?? 0) + word;
      });
    }
    return words(state, true);
  };

  const sha1 = (bytes: Uint8Array): Uint8Array => {
    const view = pad(bytes, 64, false);
    const state = new Int32Array([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0]);
    const w = new Int32Array(80);
    for (let at = 0; at < view.byteLength; at += 64) {
      for (let i = 0; i < 16; i++) w[i] = view.getInt32(at + i * 4);
      for (let i = 16; i < 80; i++)
        w[i] = rotl((w[i - 3] ?? 0) ^ (w[i - 8] ?? 0) ^ (w[i - 14] ?? 0) ^ (w[i - 16] ?? 0), 1);
      let [a = 0, b = 0, c = 0, d = 0, e = 0] = state;
      for (let i = 0; i < 80; i++) {
        const round = Math.floor(i / 20);
        const f = round === 0 ? (b & c) | (~b & d) : round === 2 ? (b & c) | (b & d) | (c & d) : b ^ c ^ d;
        const k = [0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6][round] ?? 0;
        const next = (rotl(a, 5) + f + e + k + (w[i] ?? 0)) | 0;
        e = d;
        d = c;
        c = rotl(b, 30);
        b = a;
        a = next;
      }
      [a, b, c, d, e].forEach((word, i) => {
        state[i] = (state[i] ?? 0) + word;
      });
    }
    return words(state, false);
  };

  const sha256 = (bytes: Uint8Array): Uint8Array => {
    const { h, k32 } = constants();
    const view = pad(bytes, 64, false);
    const state = Int32Array.from(h.slice(0, 8), word => Number(BigInt.asIntN(32, word >> 32n)));
    const w = new Int32Array(64);
    for (let at = 0; at < view.byteLength; at += 64) {
      for (let i = 0; i < 16; i++) w[i] = view.getInt32(at + i * 4);
      for (let i = 16; i < 64; i++) {
        const x = w[i - 15] ?? 0;
        const y = w[i - 2] ?? 0;
        const s0 = rotr(x, 7) ^ rotr(x, 18) ^ (x >>> 3);
        const s1 = rotr(y, 17) ^ rotr(y, 19) ^ (y >>> 10);
        w[i] = ((w[i - 16] ?? 0) + s0 + (w[i - 7] ?? 0) + s1) | 0;
      }
      let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, last = 0] = state;
      for (let i = 0; i < 64; i++) {
        const t1 =
          (last +
            (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) +
            ((e & f) ^ (~e & g)) +
            (k32[i] ?? 0) +
            (w[i] ?? 0)) |
          0;
        const t2 = ((rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        last = g;
        g = f;
        f = e;
        e = (d + t1) | 0;
        d = c;
        c = b;
        b = a;
        a = (t1 + t2) | 0;
      }
      [a, b, c, d, e, f, g, last].forEach((word, i) => {
        state[i] = (state[i] ?? 0) + word;
      });
    }
    return words(state, false);
  };

  const SHA384_START = [9, 10, 11, 12, 13, 14, 15, 16];
  const sha512 = (bytes: Uint8Array, short: boolean): Uint8Array => {
    const { k, h } = constants();
    const wrap = (x: bigint): bigint => x & 0xffffffffffffffffn;
    const rotate = (x: bigint, n: bigint): bigint => wrap((x >> n) | (x << (64n - n)));
    const view = pad(bytes, 128, false);
    let state = short ? SHA384_START.map(i => h[i - 1] ?? 0n) : h.slice(0, 8);
    for (let at = 0; at < view.byteLength; at += 128) {
      const w: bigint[] = [];
      for (let i = 0; i < 16; i++) w[i] = view.getBigUint64(at + i * 8);
      for (let i = 16; i < 80; i++) {
        const x = w[i - 15] ?? 0n;
        const y = w[i - 2] ?? 0n;
        const s0 = rotate(x, 1n) ^ rotate(x, 8n) ^ (x >> 7n);
        const s1 = rotate(y, 19n) ^ rotate(y, 61n) ^ (y >> 6n);
        w[i] = wrap((w[i - 16] ?? 0n) + s0 + (w[i - 7] ?? 0n) + s1);
      }
      let [a = 0n, b = 0n, c = 0n, d = 0n, e = 0n, f = 0n, g = 0n, last = 0n] = state;
      for (let i = 0; i < 80; i++) {
        const t1 =
          last +
          (rotate(e, 14n) ^ rotate(e, 18n) ^ rotate(e, 41n)) +
          ((e & f) ^ (wrap(~e) & g)) +
          (k[i] ?? 0n) +
          (w[i] ?? 0n);
        const t2 = (rotate(a, 28n) ^ rotate(a, 34n) ^ rotate(a, 39n)) + ((a & b) ^ (a & c) ^ (b & c));
        last = g;
        g = f;
        f = e;
        e = wrap(d + t1);
        d = c;
        c = b;
        b = a;
        a = wrap(t1 + t2);
      }
      state = [a, b, c, d, e, f, g, last].map((word, i) => wrap(word + (state[i] ?? 0n)));
    }
    const out = new DataView(new ArrayBuffer(64));
    state.forEach((word, i) => {
      out.setBigUint64(i * 8, word);
    });
    return new Uint8Array(out.buffer).slice(0, short ? 48 : 64);
  };

  const plain = (name: string): string => String(name).toLowerCase().replace('-', '');
  const table: Record<string, (bytes: Uint8Array) => Uint8Array> = {
    __proto__: null as never,
    md5,
    sha1,
    sha256,
    sha384: bytes => sha512(bytes, true),
    sha512: bytes => sha512(bytes, false),
  };
  return {
    digest: (algorithm, bytes) => table[plain(algorithm)]?.(bytes),
    blockSize: algorithm => (/^sha(384|512)$/.test(plain(algorithm)) ? 128 : 64),
    names: Object.keys(table),
  };
}
