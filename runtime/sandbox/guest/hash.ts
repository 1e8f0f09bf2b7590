import { hmac } from '@noble/hashes/hmac.js';
import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';

const HASHES = { __proto__: null as never, md5, sha1, sha256, sha384, sha512 };

/** A digest that is not finished: bytes are added as often as wanted, and it is read once. */
export interface Digesting {
  update(bytes: Uint8Array): unknown;
  digest(): Uint8Array;
}

/** Names of the digests, as Node has them. */
export const HASH_NAMES: readonly string[] = Object.keys(HASHES);

/** The digest of `bytes`. Names as in Node: `sha256`, `SHA-256`. Throws where the algorithm is not known. */
export function digestOf(algorithm: string, bytes: Uint8Array): Uint8Array {
  return hashOf(algorithm)(bytes);
}

/** Begins a digest, or a code of authentication where it has a key. */
export function beginDigest(algorithm: string, key?: Uint8Array): Digesting {
  const hash = hashOf(algorithm);
  return key === undefined ? hash.create() : hmac.create(hash, key);
}

/** The code of authentication of `bytes` with `key`. */
export function hmacOf(algorithm: string, key: Uint8Array, bytes: Uint8Array): Uint8Array {
  return hmac(hashOf(algorithm), key, bytes);
}

/** Block size in bytes. */
export function blockSizeOf(algorithm: string): number {
  return hashOf(algorithm).blockLen;
}

function hashOf(algorithm: string) {
  const found = HASHES[String(algorithm).toLowerCase().replace('-', '') as keyof typeof HASHES];
  if (found) return found;
  throw new TypeError(`Unknown hash algorithm "${algorithm}". Known: ${HASH_NAMES.join(', ')}.`);
}
