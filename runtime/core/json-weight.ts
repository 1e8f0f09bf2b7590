/** What one request of a bulk call weighs, so that it stays well under the limits of a server: about 4 MiB of text. */
export const REQUEST_WEIGHT = 16 * 1024 * 1024;

/** No letter weighs more: those of text that is brackets alone. */
export const HEAVIEST = 68;

/**
 * Bytes of memory that JSON text takes while it is read, at most about: its bytes four times (as it came, as text, and once
 * more to see whether a number would be changed), and its objects, lists and members, which are larger than their text.
 */
export function jsonWeight(text: Uint8Array | string): number {
  const { objects, members } = typeof text === 'string' ? countText(text) : countBytes(text);
  return text.length * 4 + objects * 64 + members * 32;
}

/** In each of four bytes. */
const ONES = 0x01010101;
const HIGHEST = 0x80808080;
const LOWER = 0x7f7f7f7f;

interface Counted {
  objects: number;
  members: number;
}

/** Four bytes at a time. */
function countBytes(text: Uint8Array): Counted {
  const first = Math.min(text.length, -text.byteOffset & 3);
  const count = (text.length - first) >> 2;
  // Where there are none, none may begin there.
  const words = new Int32Array(text.buffer, count > 0 ? text.byteOffset + first : 0, count);
  let objects = 0;
  let members = 0;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? 0;
    // Both brackets are the same byte once this bit is set. What was equal is zero now, and borrows when one is taken from it;
    // what is no ASCII looks as if it did.
    const bracket = (word | 0x20202020) ^ 0x7b7b7b7b;
    const comma = word ^ 0x2c2c2c2c;
    if ((((bracket - ONES) | (comma - ONES)) & HIGHEST) === 0) continue;
    objects += zeros(bracket);
    members += zeros(comma);
  }
  const ends = [text.subarray(0, first), text.subarray(first + 4 * words.length)];
  for (const char of ends.flatMap(end => [...end])) {
    if (char === 0x7b || char === 0x5b) objects++;
    else if (char === 0x2c) members++;
  }
  return { objects, members };
}

/** How many of the four bytes are zero: the others have their highest bit once all lower ones are added to them. */
function zeros(word: number): number {
  const others = ((word & LOWER) + LOWER) | word;
  return Math.imul((~others & HIGHEST) >>> 7, ONES) >>> 24;
}

function countText(text: string): Counted {
  let objects = 0;
  let members = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === 0x7b || char === 0x5b) objects++;
    else if (char === 0x2c) members++;
  }
  return { objects, members };
}
