/** A string with its quotes, as far as escapes go: those matter only here. */
const STRING = /"(?:[^"\\]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const PLAIN = /true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

const LINE_BREAK = 0x0a;
const SPACE = 0x20;
/** In each of four bytes: a space, and the highest bit. */
const SPACES = 0x20202020;
const HIGHEST = 0x80808080;
const QUOTE = 0x22;
const COMMA = 0x2c;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const LARGE_E = 0x45;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const SMALL_E = 0x65;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Characters of a short key. */
const SHORT = 24;

/**
 * Whether UTF-8 from a place on has control characters, which are nowhere in JSON without spaces, neither between its
 * tokens nor in its strings: about a text that has some, {@link isCompactObject} must not be asked. `inLines`: line breaks
 * are none.
 */
export function hasControlBytes(bytes: Buffer, from: number, inLines = false): boolean {
  const { length, byteOffset, buffer } = bytes;
  const first = Math.min(length, from + (-(byteOffset + from) & 3));
  const count = (length - first) >> 2;
  // Four at a time: a byte below 32 borrows from its highest bit when 32 is taken from it, and has not had that bit.
  const words = new Int32Array(buffer, count > 0 ? byteOffset + first : 0, count);
  const most = count - (count % 4);
  for (let at = 0; at < most; at += 4) {
    // Four of these in a turn take less than half as long as one.
    const a = words[at] ?? 0;
    const b = words[at + 1] ?? 0;
    const c = words[at + 2] ?? 0;
    const d = words[at + 3] ?? 0;
    const below = ((a - SPACES) & ~a) | ((b - SPACES) & ~b) | ((c - SPACES) & ~c) | ((d - SPACES) & ~d);
    if ((below & HIGHEST) === 0) continue;
    // Nearly always a line break that is one.
    if (!inLines || hasControl(bytes, first + 4 * at, first + 4 * at + 16)) return true;
  }
  return hasControl(bytes, from, first, inLines) || hasControl(bytes, first + 4 * most, length, inLines);
}

function hasControl(bytes: Buffer, from: number, to: number, inLines = true): boolean {
  for (let at = from; at < to; at++) {
    const byte = bytes[at] ?? SPACE;
    if (byte < SPACE && !(inLines && byte === LINE_BREAK)) return true;
  }
  return false;
}

/** The characters of a text by their codes: its bytes where each is one of them, which are looked at faster than a text is. */
export type Codes = Uint8Array | Uint16Array;

/**
 * Whether a text without control characters, or a line of it, is the JSON of one object as `JSON.stringify` writes it,
 * without spaces. Cheaper than parsing, since strings are skipped and nothing is made. False says only that it has to be
 * parsed to know.
 */
export function isCompactObject(text: string, from = 0, to = text.length): boolean {
  return compactObjects(text)(from, to);
}

/** The same for the lines of a text, which are asked about in their order: backslashes are looked for once. */
export function compactObjects(text: string, codes = codesOf(text)): (from: number, to: number) => boolean {
  const scan: Scan = { text, codes, backslash: -1, open: [] };
  return (from, to) => isCompact(scan, from, to);
}

interface Scan {
  text: string;
  codes: Codes;
  /** Where the next backslash is; behind the end when there is none. */
  backslash: number;
  /** For each bracket that is open, whether it stands in an object; what is behind those is of lines before. */
  open: boolean[];
}

function isCompact(scan: Scan, from: number, to: number): boolean {
  const { text, codes, open } = scan;
  if (codes[from] !== OPEN_OBJECT) return false;
  let depth = 0;
  let inObject = false;
  let at = from;
  // At each turn a value begins. A string that goes on behind the line leads behind its end.
  while (at >= 0 && at < to) {
    const code = codes[at];
    if (code === QUOTE) at = pastString(scan, at);
    else if (code === OPEN_OBJECT || code === OPEN_LIST) {
      open[depth++] = inObject;
      inObject = code === OPEN_OBJECT;
      const isEmpty = codes[++at] === (inObject ? CLOSE_OBJECT : CLOSE_LIST);
      if (!isEmpty && inObject) at = pastKey(scan, at);
      if (!isEmpty) continue;
    } else at = pastInteger(codes, at) || past(PLAIN, text, at);
    for (; codes[at] === (inObject ? CLOSE_OBJECT : CLOSE_LIST); at++) {
      inObject = open[--depth] === true;
      if (depth === 0) return at + 1 === to;
    }
    if (codes[at++] !== COMMA) return false;
    if (inObject) at = pastKey(scan, at);
  }
  return false;
}

/** Where the value of a key begins; -1 where there is no key. Most are so short that a search for their end takes longer. */
function pastKey(scan: Scan, at: number): number {
  const { codes } = scan;
  if (codes[at] !== QUOTE) return -1;
  let end = at + 1;
  while (codes[end] !== QUOTE && codes[end] !== BACKSLASH && end <= at + SHORT) end++;
  end = codes[end] === QUOTE ? end + 1 : pastString(scan, at);
  return codes[end] === COLON ? end + 1 : -1;
}

/** Where a string ends that begins with a quote; -1 where it does not. */
function pastString(scan: Scan, at: number): number {
  const { text } = scan;
  if (scan.backslash < at) scan.backslash = indexOrEnd(text, '\\', at);
  const end = text.indexOf('"', at + 1);
  return end < scan.backslash ? end + 1 || -1 : past(STRING, text, at);
}

function codesOf(text: string): Codes {
  const { buffer, byteOffset } = Buffer.from(text, 'utf16le');
  return new Uint16Array(buffer, byteOffset, text.length);
}

function indexOrEnd(text: string, wanted: string, from: number): number {
  const found = text.indexOf(wanted, from);
  return found < 0 ? text.length : found;
}

/** Where a whole number ends: most numbers are, and a pattern takes its time. 0 when it is another kind of value. */
function pastInteger(codes: Codes, from: number): number {
  let at = from;
  for (let code = codes[at] ?? 0; code >= ZERO && code <= NINE; ) code = codes[++at] ?? 0;
  const next = codes[at];
  const isWhole = at > from && next !== POINT && next !== SMALL_E && next !== LARGE_E;
  return isWhole && (at === from + 1 || codes[from] !== ZERO) ? at : 0;
}

/** Where what a pattern takes from `at` on ends; -1 when it does not fit. */
function past(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : -1;
}
