import { hash } from 'node:crypto';

/** A token and a shorter one that stands for it have at most this many characters. */
const MOST_CHARACTERS = 200;
const PLAIN = /^[A-Za-z0-9_-]+$/;
const HEX = /=([0-9A-F]{2})/g;
const OTHER = /[^A-Za-z0-9_-]/gu;

/**
 * Any text as one token of a key: `[A-Za-z0-9_-]` stay, each other byte of its UTF-8 becomes `=` and two hex digits. No
 * two texts share a token. Beyond 200 characters it is `==` and the text's SHA-256 instead. The text must be well-formed.
 */
export function encodeToken(text: string): string {
  if (text.length <= MOST_CHARACTERS) {
    if (PLAIN.test(text)) return text;
    // An empty token is none; no other text becomes a lone `=`.
    if (text === '') return '=';
    const token = text.replace(OTHER, escaped);
    if (token.length <= MOST_CHARACTERS) return token;
  }
  return `==${hash('sha256', text, 'hex')}`;
}

/** Tokens as one, each kept apart from the next; beyond 200 characters its SHA-256. */
export function joinTokens(tokens: readonly string[]): string {
  const joined = tokens.join('/');
  return joined.length <= MOST_CHARACTERS ? joined : `==${hash('sha256', joined, 'hex')}`;
}

/** The text of a token; undefined where only its SHA-256 is left. */
export function decodeToken(token: string): string | undefined {
  if (!token.includes('=')) return token;
  if (token.startsWith('==')) return undefined;
  if (token === '=') return '';
  const bytes = token.replace(HEX, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

function escaped(character: string): string {
  let text = '';
  for (const byte of Buffer.from(character)) text += `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  return text;
}
