/** Which subjects were met before; 16 to 32 bytes for each, so that a listing of a million keys can afford it. */
export interface SeenSubjects {
  has(subject: string): boolean;
  /** Whether it was not met before. */
  addIfNew(subject: string): boolean;
  size(): number;
}

const FIRST_CAPACITY = 1_024;

/** An open-addressing set of 53-bit hashes; two of a million keys share one with a chance of one in ten thousand. */
export function createSeenSubjects(): SeenSubjects {
  let table = new Float64Array(FIRST_CAPACITY);
  let size = 0;
  return { has: subject => find(table, hash53(subject)) < 0, addIfNew, size: () => size };

  function addIfNew(subject: string): boolean {
    const hash = hash53(subject);
    const place = find(table, hash);
    if (place < 0) return false;
    table[place] = hash;
    size += 1;
    if (size * 2 > table.length) grow();
    return true;
  }

  function grow(): void {
    const larger = new Float64Array(table.length * 2);
    for (const hash of table) if (hash !== 0) larger[find(larger, hash)] = hash;
    table = larger;
  }
}

/** The free place for a hash, or -1 when the table has it. */
function find(table: Float64Array, hash: number): number {
  const mask = table.length - 1;
  let at = hash & mask;
  for (let found = table[at]; found !== 0; found = table[at]) {
    if (found === hash) return -1;
    at = (at + 1) & mask;
  }
  return at;
}

/** Two multiplicative hashes side by side make 53 bits; never 0, which means an empty place. */
function hash53(text: string): number {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return 4294967296 * (2097151 & low) + (high >>> 0) || 1;
}
