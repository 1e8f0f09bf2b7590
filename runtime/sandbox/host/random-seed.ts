import { lateCrypto } from './late-crypto.ts';

const SEED_BYTES = 16;
const pool = Buffer.alloc(SEED_BYTES * 256);
let at = pool.length;

/** What a worker's random numbers begin with, as hexadecimal digits. Asking the system for a few bytes is slow. */
export function randomSeed(): string {
  if (at >= pool.length) {
    lateCrypto().randomFillSync(pool);
    at = 0;
  }
  at += SEED_BYTES;
  return pool.toString('hex', at - SEED_BYTES, at);
}
