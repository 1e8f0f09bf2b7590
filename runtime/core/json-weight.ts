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

interface Counted {
  objects: number;
  members: number;
}

function countBytes(text: Uint8Array): Counted {
  let objects = 0;
  let members = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === 0x7b || char === 0x5b) objects++;
    else if (char === 0x2c) members++;
  }
  return { objects, members };
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
