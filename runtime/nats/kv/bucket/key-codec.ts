import { invalidField } from '../../../../contract/errors.ts';
import { GUARD_KEY } from '../guard-key.ts';

/** How a bucket's keys become subjects and back. Faults throw INVALID_INPUT. */
export interface KeyCodec {
  encode(key: string, pointer?: string): string;
  decode(stored: string): string;
  /** Patterns keep their `*` and `>`. */
  encodeFilter(filter: string, pointer?: string): string;
  /** {@link GUARD_KEY} as it is stored, which `encode` refuses. */
  readonly guard: string;
}

const KEY = /^[-/_=a-zA-Z0-9]+(\.[-/_=a-zA-Z0-9]+)*$/;
const FILTER = /^(\*|[-/_=a-zA-Z0-9]+)(\.(\*|[-/_=a-zA-Z0-9]+))*(\.>)?$/;
const MAX_BYTES = 1024;

/** Keys as NATS takes them (ADR-8). */
export const plainKeys: KeyCodec = {
  encode(key, pointer = '/key') {
    checkText(key, pointer);
    if (!KEY.test(key)) throw invalidField(pointer, keyAdvice(key));
    return key;
  },
  guard: GUARD_KEY,
  decode: stored => stored,
  encodeFilter(filter, pointer = '/filter') {
    checkText(filter, pointer);
    if (filter !== '>' && !FILTER.test(filter)) throw invalidField(pointer, filterAdvice(filter));
    return filter;
  },
};

/** Any text as a key: each token between dots as base64 without padding, as orbit.go's kvcodec does (ADR-54). */
export const base64Keys: KeyCodec = {
  encode(key, pointer = '/key') {
    checkText(key, pointer);
    return tokens(key, pointer).map(toBase64).join('.');
  },
  guard: toBase64(GUARD_KEY),
  decode: stored => stored.split('.').map(fromBase64).join('.'),
  encodeFilter(filter, pointer = '/filter') {
    checkText(filter, pointer);
    return tokens(filter, pointer)
      .map(token => (token === '*' || token === '>' ? token : toBase64(token)))
      .join('.');
  },
};

function checkText(text: string, pointer: string): void {
  if (text === GUARD_KEY)
    throw invalidField(pointer, 'is the key by which kvflow guards commits of several keys; choose another');
  if (!text.isWellFormed()) {
    throw invalidField(
      pointer,
      'has half of a surrogate pair (a lone \\ud800 to \\udfff), which no UTF-8 text can hold',
    );
  }
  // Most keys are far from the limit even if every character took the most bytes there are.
  if (text.length * 3 <= MAX_BYTES || Buffer.byteLength(text) <= MAX_BYTES) return;
  throw invalidField(pointer, `is longer than ${MAX_BYTES} bytes; shorten it or hash it`);
}

function tokens(text: string, pointer: string): string[] {
  const parts = text.split('.');
  if (parts.every(Boolean)) return parts;
  throw invalidField(pointer, 'has an empty token: no dot at either end, no two dots in a row');
}

function toBase64(token: string): string {
  return Buffer.from(token, 'utf8').toString('base64url');
}

function fromBase64(token: string): string {
  return Buffer.from(token, 'base64url').toString('utf8');
}

function keyAdvice(key: string): string {
  if (/^\.|\.$|\.\./.test(key)) return 'has an empty token: no dot at either end, no two dots in a row';
  return 'has characters NATS does not take in keys; use letters, digits and - / _ = . or create the bucket with key_encoding: "base64", which takes any text';
}

function filterAdvice(filter: string): string {
  if (/^\.|\.$|\.\./.test(filter)) return 'has an empty token: no dot at either end, no two dots in a row';
  return 'is no key pattern; * stands for one whole token between dots, > for the rest and only at the end, as in user.* or config.>';
}
