import type { Ajv2020 } from 'ajv/dist/2020.js';
import { _, str } from 'ajv/dist/core.js';
import { pointerTo } from '../../contract/pointer.ts';
import { compareDecimals, isExact, isWhole } from './json/decimal.ts';

/** A JSON value with numbers that JavaScript's do not hold: something of their kind stands in their places. */
export interface Inexact {
  value: unknown;
  /** The numbers as they are written, by JSON pointer. */
  tokens: ReadonlyMap<string, string>;
  /** Pointers of what is or has one of them. */
  holders: ReadonlySet<string>;
}

/** Beyond this many digits, or with an exponent, a number may be more than a double. */
const SUSPECT = /\d[\d.]{14}\d|\d[eE]/;

/** Reads JSON text that has numbers which JavaScript would round; undefined where it has none, which is told fast. */
export function readInexact(text: string): Inexact | undefined {
  if (!SUSPECT.test(text)) return undefined;
  const found: Found = { tokens: new Map(), holders: new Set() };
  const parsed = JSON.parse(text, (_name, part: unknown, context?: { source: string }) =>
    typeof part === 'number' && context && !isExact(context.source) ? { [TOKEN]: context.source } : part,
  );
  const value = withStandIns(parsed, '', found);
  return found.tokens.size === 0 ? undefined : { value, ...found };
}

const TOKEN = Symbol('a number that was not rounded yet');

function withStandIns(part: unknown, pointer: string, found: Found): unknown {
  if (typeof part !== 'object' || part === null) return part;
  if (TOKEN in part) {
    const text = String(part[TOKEN]);
    found.tokens.set(pointer, text);
    for (let at = pointer; !found.holders.has(at); at = at.slice(0, at.lastIndexOf('/'))) {
      found.holders.add(at);
      if (at === '') break;
    }
    return isWhole(text) ? Math.sign(Number(text)) * 2 ** 60 : 0.5;
  }
  if (Array.isArray(part)) return part.map((item, index) => withStandIns(item, `${pointer}/${index}`, found));
  const entries = Object.entries(part).map(([name, item]) => [
    name,
    withStandIns(item, pointerTo(pointer, name), found),
  ]);
  return Object.fromEntries(entries);
}

interface Found {
  tokens: Map<string, string>;
  holders: Set<string>;
}

/** What the keywords look numbers up in: those of the value that is being checked. */
export type Checked = Pick<Inexact, 'tokens' | 'holders'>;

const LIMITS = {
  maximum: { holds: (order: number) => order <= 0, sign: '<=' },
  minimum: { holds: (order: number) => order >= 0, sign: '>=' },
  exclusiveMaximum: { holds: (order: number) => order < 0, sign: '<' },
  exclusiveMinimum: { holds: (order: number) => order > 0, sign: '>' },
};

/**
 * Makes a compiler of schemas compare numbers digit by digit, by the tokens of `checked`: bounds, constants, multiples and items
 * that must differ. @param canonical text of a value that is the same for equal ones.
 */
export function addExactKeywords(
  ajv: Ajv2020,
  checked: { now: Checked },
  canonical: (value: unknown) => string,
): void {
  const tokenOf = (value: number, at: At) => checked.now.tokens.get(at?.instancePath ?? '') ?? String(value);
  for (const [keyword, { holds, sign }] of Object.entries(LIMITS)) {
    ajv.removeKeyword(keyword);
    ajv.addKeyword({
      keyword,
      type: 'number',
      schemaType: 'number',
      validate: (limit: number, value: number, _parent: unknown, at: At) =>
        holds(compareDecimals(tokenOf(value, at), String(limit))),
      error: { message: ({ schemaCode }) => str`must be ${sign} ${schemaCode}` },
    });
  }
  ajv.removeKeyword('multipleOf');
  ajv.addKeyword({
    keyword: 'multipleOf',
    type: 'number',
    schemaType: 'number',
    validate: (factor: number, value: number, _parent: unknown, at: At) =>
      isMultiple(tokenOf(value, at), String(factor)),
    error: { message: ({ schemaCode }) => str`must be multiple of ${schemaCode}` },
  });
  const equal = (value: unknown, other: unknown, at: At) =>
    !holdsToken(checked.now, value, at) && canonical(value) === canonical(other);
  ajv.removeKeyword('const');
  ajv.addKeyword({
    keyword: 'const',
    validate: (other: unknown, value: unknown, _parent: unknown, at: At) => equal(value, other, at),
    error: {
      message: 'must be equal to constant',
      params: ({ schemaCode }) => _`{allowedValue: ${schemaCode}}`,
    },
  });
  ajv.removeKeyword('enum');
  ajv.addKeyword({
    keyword: 'enum',
    schemaType: 'array',
    validate: (others: unknown[], value: unknown, _parent: unknown, at: At) =>
      others.some(other => equal(value, other, at)),
    error: {
      message: 'must be equal to one of the allowed values',
      params: ({ schemaCode }) => _`{allowedValues: ${schemaCode}}`,
    },
  });
}

type At = { instancePath: string } | undefined;

/** Text of a value that is the same for equal ones, however many digits they have. */
export function exactText(
  value: unknown,
  pointer: string,
  { tokens, holders, canonical }: Checked & { canonical(value: unknown): string },
): string {
  if (!holders.has(pointer)) return canonical(value);
  if (typeof value !== 'object' || value === null) return tokens.get(pointer) ?? '';
  const parts = Object.entries(value).map(([name, part]) => {
    const text = exactText(part, pointerTo(pointer, name), { tokens, holders, canonical });
    return `${JSON.stringify(name)}:${text}`;
  });
  return Array.isArray(value) ? `[${parts.join()}]` : `{${parts.sort().join()}}`;
}

/** What is written in so many digits equals nothing that is written in fewer. Names of properties are texts. */
function holdsToken({ holders }: Checked, value: unknown, at: At): boolean {
  return typeof value !== 'string' && holders.has(at?.instancePath ?? '');
}

const WHOLE = /^-?\d+$/;

/** Of whole numbers exactly; of others only of those that a double holds. */
function isMultiple(token: string, factor: string): boolean {
  if (WHOLE.test(token) && WHOLE.test(factor)) return BigInt(token) % BigInt(factor) === 0n;
  return isExact(token) && Number.isInteger(Number(token) / Number(factor));
}
