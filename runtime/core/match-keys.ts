import { RE2JS } from 're2js';
import { invalidField } from '../../contract/errors.ts';
import { type KeyTerm, parseKeyQuery } from '../../contract/key-query.ts';
import type { KvEntry } from './ports/items.ts';

/** Whether an item fits a search, and whether its value is needed to tell. */
export interface KeyMatcher {
  needsValues: boolean;
  /** JavaScript that an item must fit too; see {@link keepMatching}, which runs it. */
  expression?: string;
  /** `now`: milliseconds since 1970, for ages. */
  matches(entry: KvEntry, now: number): boolean;
}

/**
 * Makes the matcher of a search. Regular expressions are those of RE2, which takes time in proportion to the text whatever
 * the expression: they come from anybody.
 * @throws PackError INVALID_INPUT at `/query`
 */
export function createKeyMatcher(query: string): KeyMatcher {
  const terms = parseKeyQuery(query);
  const expression = terms.find(term => term.kind === 'js')?.text;
  const tests = terms.filter(term => term.kind !== 'js').map(toTest);
  return {
    needsValues: terms.some(({ kind }) => kind === 'value' || kind === 'js'),
    ...(expression !== undefined && { expression }),
    matches: (entry, now) => tests.every(test => test(entry, now)),
  };
}

type Test = (entry: KvEntry, now: number) => boolean;

function toTest(term: Exclude<KeyTerm, { kind: 'js' }>): Test {
  switch (term.kind) {
    case 'part': {
      const text = term.text.toLowerCase();
      return ({ key }) => key.toLowerCase().includes(text);
    }
    case 'glob': {
      const glob = compile(globToRegex(term.text), RE2JS.DOTALL);
      return ({ key }) => glob.matches(key);
    }
    case 'regex': {
      const regex = compile(term.text, term.ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
      return ({ key }) => regex.matcher(key).find();
    }
    case 'value': {
      const text = Buffer.from(term.text);
      return ({ value }) => Buffer.from(value.buffer, value.byteOffset, value.byteLength).includes(text);
    }
    case 'size':
      return compared(term, entry => entry.size ?? entry.value.length);
    case 'age':
      return compared(term, (entry, now) => (now - Date.parse(entry.createdAt)) * 1e6);
    default:
      return compared(term, (entry, now) =>
        // Without an end it is as far away as can be.
        entry.expiresAt === undefined ? Number.POSITIVE_INFINITY : (Date.parse(entry.expiresAt) - now) * 1e6,
      );
  }
}

function compared(
  { above, amount }: { above: boolean; amount: number },
  of: (entry: KvEntry, now: number) => number,
): Test {
  return (entry, now) => (above ? of(entry, now) > amount : of(entry, now) < amount);
}

function compile(pattern: string, flags: number): RE2JS {
  try {
    return RE2JS.compile(pattern, flags);
  } catch (error) {
    throw invalidField('/query', `/${pattern}/ is no regular expression of RE2: ${(error as Error).message}`);
  }
}

function globToRegex(glob: string): string {
  return glob
    .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
}
