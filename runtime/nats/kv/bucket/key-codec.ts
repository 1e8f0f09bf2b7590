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
  /** Where a key may be stored, this codec's own form first; undefined where there is that one alone. */
  forms?(key: string): string[];
  /** The other forms of a filter's keys, where there are some. */
  formsOfFilter?(filter: string): string[];
  /** From now on `encode` answers this form of the key; undefined: its own. */
  choose?(key: string, form: string | undefined): void;
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

/** Throws INVALID_INPUT where text is no key of any bucket. */
export function checkText(text: string, pointer: string): void {
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

/** The parts between dots, of which none may be empty. */
export function tokensOf(text: string, pointer: string): string[] {
  const parts = text.split('.');
  if (parts.every(Boolean)) return parts;
  throw invalidField(pointer, 'has an empty token: no dot at either end, no two dots in a row');
}

function keyAdvice(key: string): string {
  if (/^\.|\.$|\.\./.test(key)) return 'has an empty token: no dot at either end, no two dots in a row';
  return 'has characters NATS does not take in keys; use letters, digits and - / _ = . or create the bucket with key_encoding: "base64", which takes any text';
}

function filterAdvice(filter: string): string {
  if (/^\.|\.$|\.\./.test(filter)) return 'has an empty token: no dot at either end, no two dots in a row';
  return 'is no key pattern; * stands for one whole token between dots, > for the rest and only at the end, as in user.* or config.>';
}
