import { isUtf8 } from 'node:buffer';
import { GUARD_KEY } from '../guard-key.ts';
import type { KeyCodec } from './key-codec.ts';
import { checkText, plainKeys, tokensOf } from './key-codec.ts';

/** Keys that other clients wrote otherwise, remembered between looking and writing. */
const MAX_CHOSEN = 100_000;

/**
 * Any text as a key: each token between dots as base64 without padding, as orbit.go's kvcodec does (ADR-54). Other clients
 * write the same key otherwise, and then it stays where they wrote it: {@link KeyCodec.forms} are where it may be.
 */
export function createBase64Keys(): KeyCodec {
  const chosen = new Map<string, string>();
  let [first, firstWritten] = ['', ''];
  /** Keys that follow each other mostly begin with the same token. */
  const writeToken = (token: string, at: number): string => {
    if (at > 0) return toBase64(token);
    if (token !== first) [first, firstWritten] = [token, toBase64(token)];
    return firstWritten;
  };
  return {
    encode(key, pointer = '/key') {
      checkText(key, pointer);
      return chosen.get(key) ?? written(tokensOf(key, pointer), writeToken);
    },
    guard: toBase64(GUARD_KEY),
    decode: read,
    encodeFilter(filter, pointer = '/filter') {
      checkText(filter, pointer);
      return written(tokensOf(filter, pointer), token =>
        token === '*' || token === '>' ? token : toBase64(token),
      );
    },
    forms: key => {
      const tokens = key.split('.');
      if (!tokens.every(Boolean) || !key.isWellFormed()) return [];
      // nats.js pads and has the other alphabet.
      const forms = [written(tokens, toBase64), written(tokens, toPadded)];
      if (isPlain(key) && read(key) === key) forms.push(key);
      return [...new Set(forms)];
    },
    formsOfFilter: filter => {
      const tokens = filter.split('.');
      const isWild = (token: string) => token === '*' || token === '>';
      if (tokens.every(isWild)) return [];
      const padded = written(tokens, token => (isWild(token) ? token : toPadded(token)));
      return isPlain(filter.replaceAll(/[*>]/g, 'x')) ? [padded, filter] : [padded];
    },
    choose: (key, form) => {
      chosen.delete(key);
      if (form === undefined) return;
      chosen.set(key, form);
      if (chosen.size > MAX_CHOSEN) chosen.delete(chosen.keys().next().value ?? '');
    },
  };
}

function written(tokens: readonly string[], write: (token: string, at: number) => string): string {
  return tokens.map(write).join('.');
}

function toBase64(token: string): string {
  return Buffer.from(token, 'utf8').toString('base64url');
}

function toPadded(token: string): string {
  return Buffer.from(token, 'utf8').toString('base64');
}

/** Every token from base64 of either form; a key of which one token is none was written as it is. */
function read(stored: string): string {
  const tokens = stored.split('.').map(fromBase64);
  return tokens.includes(undefined) ? stored : tokens.join('.');
}

/** Undefined where the token is no base64 of text as any client writes it. */
function fromBase64(token: string): string | undefined {
  const bytes = Buffer.from(token, 'base64');
  if (token !== bytes.toString('base64url') && token !== bytes.toString('base64')) return undefined;
  if (!isUtf8(bytes) || bytes.includes('.')) return undefined;
  return bytes.toString('utf8');
}

function isPlain(key: string): boolean {
  try {
    return plainKeys.encode(key) === key;
  } catch {
    return false;
  }
}
