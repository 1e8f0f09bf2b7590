import { hash } from 'node:crypto';
import { plainToken } from '../../../contract/recognition-token.ts';

/** A token and a shorter one that stands for it have at most this many characters. */
const MAX_CHARACTERS = 200;
const PLAIN = /^[A-Za-z0-9_-]+$/;
const HEX = /=([0-9A-F]{2})/g;

/** Any text as one token of a key; beyond 200 characters `==` and the text's SHA-256. The text must be well-formed. */
export function encodeToken(text: string): string {
  if (text.length <= MAX_CHARACTERS && PLAIN.test(text)) return text;
  return plainToken(text) ?? `==${hash('sha256', text, 'hex')}`;
}

/** Tokens as one, each kept apart from the next; beyond 200 characters its SHA-256. */
export function joinTokens(tokens: readonly string[]): string {
  const joined = tokens.join('/');
  return joined.length <= MAX_CHARACTERS ? joined : `==${hash('sha256', joined, 'hex')}`;
}

/** The text of a token; undefined where only its SHA-256 is left. */
export function decodeToken(token: string): string | undefined {
  if (!token.includes('=')) return token;
  if (token.startsWith('==')) return undefined;
  if (token === '=') return '';
  const bytes = token.replace(HEX, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
