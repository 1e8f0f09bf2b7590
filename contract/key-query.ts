import { parseDuration } from './duration.ts';
import { invalidField } from './errors.ts';

/** One condition on a key; all of a query must hold. */
export type KeyTerm =
  | { kind: 'part' | 'value'; text: string }
  | { kind: 'js'; text: string }
  | { kind: 'glob'; text: string }
  | { kind: 'regex'; text: string; ignoreCase: boolean }
  | { kind: 'size' | 'age' | 'ttl'; above: boolean; amount: number };

const UNITS: Record<string, number> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };
/** Words, with parts in double quotes and `/regular expressions/` kept together. */
const WORD = /(?:value:)?"[^"]*"|\/(?:[^/\\]|\\.)+\/i?(?=\s|$)|\S+/g;

/**
 * Reads a search for keys, as one types it: `tenant8_` (part of a name), `user.*` or `*.json` (the whole name), `/^u\d+$/i`,
 * `value:word`, `size>10k`, `age<1d`, `ttl<1h`. Several words must all hold; `"two words"` is one part. What is behind `js:` is
 * a JavaScript expression, to the end of the text.
 * @throws PackError INVALID_INPUT at `/query` naming the word that is not understood
 */
export function parseKeyQuery(query: string): KeyTerm[] {
  const [, words = query, expression] = EXPRESSION.exec(query) ?? [];
  const terms = (words.match(WORD) ?? []).map(toTerm);
  if (expression === undefined) return terms;
  if (expression.trim() === '')
    throw invalidField('/query', 'has nothing behind js:; write it as js:$.value.total > 10');
  return [...terms, { kind: 'js', text: expression.trim() }];
}

const EXPRESSION = /^(|.*?\s)js:(.*)$/s;

function toTerm(word: string): KeyTerm {
  const regex = /^\/(.+)\/(i?)$/s.exec(word);
  if (regex) return { kind: 'regex', text: regex[1] ?? '', ignoreCase: regex[2] === 'i' };
  const value = /^value:(.+)$/s.exec(word);
  if (value) return { kind: 'value', text: unquoted(value[1] ?? '') };
  const amount = /^(size|age|ttl)([<>])(.*)$/.exec(word);
  if (amount) return toAmount(word, amount);
  const isQuoted = word.startsWith('"');
  return /[*?]/.test(word) && !isQuoted
    ? { kind: 'glob', text: word }
    : { kind: 'part', text: unquoted(word) };
}

function toAmount(word: string, [, kind, sign, text = '']: RegExpExecArray): KeyTerm {
  const amount = kind === 'size' ? bytes(text) : parseDuration(text);
  if (amount === undefined) {
    const example = kind === 'size' ? `${kind}${sign}10k` : `${kind}${sign}1d`;
    throw invalidField('/query', `"${word}" is not understood; write it as ${example}`);
  }
  return { kind: kind as 'size' | 'age' | 'ttl', above: sign === '>', amount };
}

function bytes(text: string): number | undefined {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)([kmg]?)(?:i?b)?$/i.exec(text) ?? [];
  return number === undefined ? undefined : Number(number) * (UNITS[unit.toLowerCase()] ?? 1);
}

function unquoted(text: string): string {
  return /^"(.*)"$/s.exec(text)?.[1] ?? text;
}
