import { createHash } from 'node:crypto';
import { plainToken } from '../../contract/recognition-token.ts';

const PLAIN = /^[A-Za-z0-9_-]{1,200}$/;

/** Any text as one token of a key, without dots or wildcards; a long one as its SHA-256. */
export function safeToken(text: string): string {
  if (PLAIN.test(text)) return text;
  return plainToken(text) ?? `==${createHash('sha256').update(text).digest('hex')}`;
}
