/** Keys of recognition, as its buckets have them: tokens in which only letters, digits, `-` and `_` stand for themselves. */

/** Longer than this a token is a hash. */
const MAX_CHARACTERS = 200;
const OTHER = /[^A-Za-z0-9_-]/gu;

/** A token's text; of a long text only its SHA-256 is in the key. */
export interface Decoded {
  text: string;
  /** The text is not known: `text` is the beginning of its hash. */
  hashed: boolean;
}

/** Any text as a token of a key. Rejects where only a hash would do and the browser has none (plain http elsewhere). */
export async function encodeToken(text: string): Promise<string> {
  return plainToken(text) ?? `==${await sha256(text)}`;
}

/**
 * Any text as one token of a key: `[A-Za-z0-9_-]` stay, each other byte of its UTF-8 becomes `=` and two hex digits. No
 * two texts share a token. Undefined beyond 200 characters: there the token is `==` and the text's SHA-256.
 */
export function plainToken(text: string): string | undefined {
  // An empty token is none; no other text becomes a lone `=`.
  if (text === '') return '=';
  if (text.length > MAX_CHARACTERS) return undefined;
  const token = text.replace(OTHER, escaped);
  return token.length <= MAX_CHARACTERS ? token : undefined;
}

/** The text of a token. */
export function decodeToken(token: string): Decoded {
  if (token === '=') return { text: '', hashed: false };
  if (token.startsWith('==')) return { text: token.slice(2, 14), hashed: true };
  const bytes: number[] = [];
  for (const [part, hex] of token.matchAll(/=([0-9A-F]{2})|[\s\S]/g)) {
    bytes.push(hex === undefined ? part.charCodeAt(0) : Number.parseInt(hex, 16));
  }
  return { text: new TextDecoder().decode(new Uint8Array(bytes)), hashed: false };
}

/** An event's token: its table and the values of its primary key; undefined where it is a hash. */
export function decodeEventToken(token: string): { table: string; key: string[] } | undefined {
  if (token.startsWith('==') && !token.includes('/')) return undefined;
  // Calls that name their own primary key have a mark in front.
  const parts = token.split('/').filter((part, index) => index > 0 || !/^=k[0-9a-f]{12}$/.test(part));
  const [table = '', ...key] = parts.map(keyText);
  return { table, key };
}

/** Numbers and booleans are told from their text by `=n` and `=b`. */
function keyText(part: string): string {
  if (part.startsWith('=n')) return decodeToken(part.slice(2)).text;
  if (part.startsWith('=b')) return String(part === '=b1');
  const { text, hashed } = decodeToken(part);
  return hashed ? `${text}…` : text;
}

function escaped(character: string): string {
  const bytes = new TextEncoder().encode(character);
  return Array.from(bytes, byte => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}

async function sha256(text: string): Promise<string> {
  if (!globalThis.crypto?.subtle)
    throw new Error('So long an id can be looked up over https or on this machine alone.');
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), byte => byte.toString(16).padStart(2, '0')).join('');
}
