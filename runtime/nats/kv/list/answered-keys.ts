import { randomBytes } from 'node:crypto';

/** Which keys a listing has answered. A hash of 64 bits each: 11 to 32 bytes in the table, so a million keys are affordable. */
export interface AnsweredKeys {
  has(key: string): boolean;
  add(key: string): void;
  size(): number;
}

/** Room for a page. */
const FIRST_CAPACITY = 2_048;
/** Drawn anew by every process: nobody can choose keys that share a hash. */
const [SEED_HIGH, SEED_LOW] = seeds();

/** An open-addressing set; two of a million keys share a hash with a chance of one in thirty million. */
export function createAnsweredKeys(): AnsweredKeys {
  let table = new Uint32Array(FIRST_CAPACITY * 2);
  let size = 0;
  const hash = { high: 0, low: 0 };
  return {
    has: key => {
      hashInto(hash, key);
      return find(table, hash.high, hash.low) < 0;
    },
    add,
    size: () => size,
  };

  function add(key: string): void {
    hashInto(hash, key);
    if (!put(table, hash.high, hash.low)) return;
    size += 1;
    if (size * 3 > table.length) grow();
  }

  function grow(): void {
    const larger = new Uint32Array(table.length * 2);
    for (let at = 0; at < table.length; at += 2) {
      const [high = 0, low = 0] = [table[at], table[at + 1]];
      if (high !== 0 || low !== 0) put(larger, high, low);
    }
    table = larger;
  }
}

/** Whether it was not there. */
function put(table: Uint32Array, high: number, low: number): boolean {
  const place = find(table, high, low);
  if (place < 0) return false;
  table[place] = high;
  table[place + 1] = low;
  return true;
}

/** The free place for a hash, or -1 when the table has it. */
function find(table: Uint32Array, high: number, low: number): number {
  const mask = table.length / 2 - 1;
  for (let slot = low & mask; ; slot = (slot + 1) & mask) {
    const at = slot * 2;
    if (table[at] === high && table[at + 1] === low) return -1;
    if (table[at] === 0 && table[at + 1] === 0) return at;
  }
}

/** Two multiplicative hashes side by side (cyrb53 with all its bits); never 0, which means an empty place. */
function hashInto(hash: { high: number; low: number }, text: string): void {
  let high = 0xdeadbeef ^ SEED_HIGH;
  let low = 0x41c6ce57 ^ SEED_LOW;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  const mixedHigh = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  const mixedLow =
    Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(mixedHigh ^ (mixedHigh >>> 13), 3266489909);
  hash.high = mixedHigh >>> 0;
  hash.low = mixedLow >>> 0 || 1;
}

function seeds(): [number, number] {
  const bytes = randomBytes(8);
  return [bytes.readInt32LE(0), bytes.readInt32LE(4)];
}
