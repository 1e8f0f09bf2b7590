import { exactNumber, isExactNumber } from './exact-number.ts';

/**
 * JSON without loss. JavaScript's own reader changes some of it: 2^53 + 1, 1e400, -0 and 1.0 become other numbers, names
 * that are whole numbers come first, and of a name that comes twice one is gone. {@link parseExact} reads as JSON.parse
 * does and remembers the text of each object and list that would be changed; {@link stringifyExact} writes that text.
 */

const texts = new WeakMap<object, string>();
/** Nothing has to be looked for before any text was remembered. */
let remembers = false;

/**
 * What JSON text holds, as JSON.parse answers it. Of the objects and lists in it {@link stringifyExact} writes every token
 * as it was; they must not be changed meanwhile, or {@link forgetText} says so. Throws SyntaxError as JSON.parse does.
 */
export function parseExact(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (isObject(value) && !isWritten(value, text)) rememberTexts(text, value);
  return value;
}

/**
 * As {@link parseExact}, but of an object of texts alone no text is remembered: there is nothing in it that JavaScript's reader changes
 * but how characters are escaped, the order of names that are whole numbers, and that of a name that comes twice one is gone.
 */
export function parseInput(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (isObject(value) && !isOfTexts(value) && !isWritten(value, text)) rememberTexts(text, value);
  return value;
}

/** Whether it is an object, and each of its members a text. */
export function isOfTexts(value: unknown): boolean {
  if (!isObject(value) || Array.isArray(value)) return false;
  return Object.values(value).every(member => typeof member === 'string');
}

/**
 * JSON text of a value, in which objects and lists of {@link parseExact} have the tokens they were read from, without the
 * white space between them. `space` as JSON.stringify takes it; it lays out what has no text of its own.
 */
export function stringifyExact(value: unknown, space = 0): string {
  if (!remembers || !isObject(value)) return stringify(value, space);
  const own = texts.get(value);
  if (own !== undefined) return withoutSpace(own);
  return holdsText(value) ? embed(value, space) : stringify(value, space);
}

/** V8 takes twice as long where it is told anything beside the value, be it no space at all. */
function stringify(value: unknown, space: number): string {
  return space === 0 ? JSON.stringify(value) : JSON.stringify(value, null, space);
}

/**
 * An object as it is, or, where it has whole numbers above 2^53 or numbers beyond what a double holds, a copy in which the former are
 * bigint with all the digits that its text has (which are those JSON.stringify writes where no text was remembered) and the latter
 * (1e400) are their text. What stays a number there is none that was written as a whole one: 1e17, 0.5.
 */
export function withBigints<T extends object>(value: T): T {
  const isRemembered = texts.has(value);
  if (!isRemembered && (!holdsLarge(value) || toldApart.has(value))) return value;
  return isToldApart(bigintsIn(value) as T);
}

/** Says of an object that was put together from parts of {@link withBigints}' that it has nothing more to tell apart. */
export function isToldApart<T extends object>(value: T): T {
  toldApart.add(value);
  return value;
}

const toldApart = new WeakSet();

function bigintsIn(value: unknown): unknown {
  if (typeof value === 'number') return isLarge(value) ? BigInt(String(value)) : value;
  if (!isObject(value)) return value;
  if (texts.has(value))
    return withNumbers(value, (part, source) => {
      if (!Number.isSafeInteger(part) && WHOLE_NUMBER.test(source)) return BigInt(source);
      return Number.isFinite(part) ? part : source;
    });
  if (Array.isArray(value)) return value.map(bigintsIn);
  if (value instanceof Date || isExactNumber(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, bigintsIn(part)]));
}

/** Whether there is a number to be told apart somewhere in the value, or a text that says more of some. */
function holdsLarge(root: object): boolean {
  let waiting: object[] | undefined;
  for (let value: object | undefined = root; value; value = waiting?.pop()) {
    if (remembers && texts.has(value)) return true;
    // Several times as fast as over a list of its values, which would be made first.
    for (const name in value) {
      const part = (value as Record<string, unknown>)[name];
      if (typeof part === 'number') {
        if (isLarge(part)) return true;
      } else if (isObject(part)) {
        waiting ??= [];
        waiting.push(part);
      }
    }
  }
  return false;
}

/** A whole number that JavaScript does not tell from its neighbours, and that it writes digit by digit. */
function isLarge(value: number): boolean {
  const size = Math.abs(value);
  return size > Number.MAX_SAFE_INTEGER && size < 1e21;
}

/**
 * An object as it is, or, where its text says more than JavaScript's numbers do, a copy with {@link exactNumber}s: for code
 * that takes a value apart and writes its parts.
 */
export function withExactNumbers<T extends object>(value: T): T {
  return withNumbers(value, (_part, source) => exactNumber(source));
}

function withNumbers<T extends object>(value: T, toNumber: (part: number, source: string) => unknown): T {
  const text = texts.get(value);
  if (text === undefined) return value;
  return JSON.parse(text, (_name, part: unknown, context?: { source: string }) =>
    typeof part === 'number' && context ? toNumber(part, context.source) : part,
  ) as T;
}

const WHOLE_NUMBER = /^-?\d+$/;

/** Says that a value of {@link parseExact} was changed: it is written as it is now. */
export function forgetText(value: object): void {
  texts.delete(value);
}

/** Takes another value's text for one that was made of it without a change, such as a copy. */
export function keepText(from: object, to: object): void {
  const text = texts.get(from);
  if (text !== undefined) texts.set(to, text);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Most programs write JSON as JSON.stringify does: nothing is lost then, and that is told fast. */
function isWritten(value: object, text: string): boolean {
  try {
    return JSON.stringify(value) === text;
  } catch {
    return false; // Nested too deeply for JSON.stringify.
  }
}

/** An object or list of the text that is not at its end yet. */
interface Open {
  start: number;
  /** What JSON.parse made of it; undefined where it was dropped. */
  value: object | undefined;
  isList: boolean;
  /** Names or items so far. */
  count: number;
  name: string;
  exact: boolean;
}

const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const INTEGER_NAME = /^\d+$/;

/** Walks through the text, which is known to be JSON, and through the value beside it. */
function rememberTexts(text: string, root: object): void {
  const open: Open[] = [];
  let top: Open | undefined;
  let isName = false;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === 0x22) {
      const end = endOfString(text, at);
      readString(text.slice(at, end + 1));
      at = end;
    } else if (char === 0x7b || char === 0x5b) {
      const value = top ? childOf(top) : root;
      top = { start: at, value, isList: char === 0x5b, count: 0, name: '', exact: true };
      open.push(top);
      isName = !top.isList;
    } else if (char === 0x7d || char === 0x5d) {
      close(text.slice(top?.start, at + 1));
    } else if (char === 0x2c) {
      if (top?.isList) top.count++;
      else isName = true;
    } else if (char === 0x2d || (char >= 0x30 && char <= 0x39)) {
      NUMBER.lastIndex = at;
      NUMBER.test(text);
      const token = text.slice(at, NUMBER.lastIndex);
      if (top && String(Number(token)) !== token) top.exact = false;
      at = NUMBER.lastIndex - 1;
    }
  }

  function readString(token: string): void {
    if (!top) return;
    const escaped = token.includes('\\');
    const read = escaped ? (JSON.parse(token) as string) : token.slice(1, -1);
    if (escaped && JSON.stringify(read) !== token) top.exact = false;
    if (!isName) return;
    isName = false;
    top.name = read;
    top.count++;
    if (INTEGER_NAME.test(read)) top.exact = false;
  }

  function close(source: string): void {
    const closed = open.pop();
    top = open.at(-1);
    if (!closed) return;
    const { value, isList, count } = closed;
    if (!isList && value && Object.keys(value).length !== count) closed.exact = false;
    if (!closed.exact && top) top.exact = false;
    if (!value) return;
    // Of a name that comes twice the last one's value is the one that was kept.
    if (closed.exact) texts.delete(value);
    else {
      texts.set(value, source);
      remembers = true;
    }
  }
}

function childOf({ value, isList, count, name }: Open): object | undefined {
  const key = isList ? count : name;
  if (!value || !Object.hasOwn(value, key)) return undefined;
  const child = (value as Record<string | number, unknown>)[key];
  return isObject(child) ? child : undefined;
}

function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end;
}

function isEscaped(text: string, quote: number): boolean {
  let slashes = 0;
  while (text.charCodeAt(quote - 1 - slashes) === 0x5c) slashes++;
  return slashes % 2 === 1;
}

/** JSON text without the white space between its tokens. */
function withoutSpace(text: string): string {
  if (!/[ \t\n\r]/.test(text)) return text;
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === 0x22) at = endOfString(text, at);
    else if (char === 0x20 || char === 0x09 || char === 0x0a || char === 0x0d) {
      if (at > from) parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  parts.push(text.slice(from));
  return parts.join('');
}

/** Whether there is a text to be written somewhere in the value. */
function holdsText(root: object): boolean {
  const waiting = [root];
  for (let value = waiting.pop(); value; value = waiting.pop()) {
    if (texts.has(value)) return true;
    for (const child of Object.values(value)) if (isObject(child)) waiting.push(child);
  }
  return false;
}

/** Nobody's text begins with it. Made once one is written: Node loads its crypto for it, which takes a program that starts long. */
let mark: string | undefined;

/** Written with a mark in each text's place, and the texts put in there after. */
function embed(value: object, space: number): string {
  mark ??= `exact-json:${crypto.randomUUID()}:`;
  const begin = mark;
  const found: string[] = [];
  const written = JSON.stringify(
    value,
    (_name, part: unknown) => {
      const text = isObject(part) ? texts.get(part) : undefined;
      return text === undefined ? part : `${begin}${found.push(withoutSpace(text)) - 1}`;
    },
    space,
  );
  const [first, ...rest] = written.split(`"${begin}`);
  const parts = rest.map(part => {
    const end = part.indexOf('"');
    return found[Number(part.slice(0, end))] + part.slice(end + 1);
  });
  return (first ?? '') + parts.join('');
}
