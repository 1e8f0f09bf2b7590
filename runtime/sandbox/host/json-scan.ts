/** What a backslash may stand before, but for `u`. */
const ESCAPED = new Set(Array.from('"\\/bfnrt', char => char.charCodeAt(0)));
const WORDS = new Map(['true', 'false', 'null'].map(word => [word.charCodeAt(0), Buffer.from(word)]));

/** In each of four bytes. */
const ONES = 0x01010101;
const SPACES = 0x20202020;
const QUOTES = 0x22222222;
const BACKSLASHES = 0x5c5c5c5c;
const HIGHEST = 0x80808080;

const SPACE = 0x20;
const QUOTE = 0x22;
const PLUS = 0x2b;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const SMALL_A = 0x61;
const SMALL_E = 0x65;
const SMALL_F = 0x66;
const SMALL_U = 0x75;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
/** What makes a small letter of a large one. */
const SMALL = 0x20;

/**
 * Where the object ends that begins at a place of UTF-8, -1 where there is none as `JSON.stringify` writes it, without spaces.
 * Cheaper than parsing, since strings are skipped and nothing is made; -1 says only that it has to be parsed to know.
 * `maxDepth`: objects and lists within each other.
 */
export function compactObjects(bytes: Buffer, maxDepth = Number.POSITIVE_INFINITY): (from: number) => number {
  const { buffer, byteOffset, length } = bytes;
  const view = new DataView(buffer, byteOffset, length);
  const scan: Scan = { bytes, view, wordsEnd: length - 3, maxDepth, open: [] };
  return from => pastObject(scan, from);
}

interface Scan {
  bytes: Buffer;
  /** The same, and behind the last place where four of them begin. */
  view: DataView;
  wordsEnd: number;
  maxDepth: number;
  /** For each bracket that is open, whether it stands in an object; what is behind those is of objects before. */
  open: boolean[];
}

function pastObject(scan: Scan, from: number): number {
  const { bytes, maxDepth, open } = scan;
  if (bytes[from] !== OPEN_OBJECT) return -1;
  const { length } = bytes;
  let depth = 0;
  let inObject = false;
  let at = from;
  // At each turn a value begins.
  while (at >= 0 && at < length) {
    const code = bytes[at];
    if (code === QUOTE) at = pastString(scan, at);
    else if (code === OPEN_OBJECT || code === OPEN_LIST) {
      if (depth === maxDepth) return -1;
      open[depth++] = inObject;
      inObject = code === OPEN_OBJECT;
      const isEmpty = bytes[++at] === (inObject ? CLOSE_OBJECT : CLOSE_LIST);
      if (!isEmpty && inObject) at = pastKey(scan, at);
      if (!isEmpty) continue;
    } else at = pastNumber(bytes, at) || pastWord(bytes, at);
    for (; bytes[at] === (inObject ? CLOSE_OBJECT : CLOSE_LIST); at++) {
      inObject = open[--depth] === true;
      if (depth === 0) return at + 1;
    }
    if (bytes[at++] !== COMMA) return -1;
    if (inObject) at = pastKey(scan, at);
  }
  return -1;
}

/** Where the value of a key begins; -1 where there is no key. */
function pastKey(scan: Scan, at: number): number {
  if (scan.bytes[at] !== QUOTE) return -1;
  const end = pastString(scan, at);
  return scan.bytes[end] === COLON ? end + 1 : -1;
}

/** Where a string ends that begins with a quote; -1 where it does not. */
function pastString({ bytes, view, wordsEnd }: Scan, at: number): number {
  let end = at + 1;
  for (;;) {
    if (end < wordsEnd) {
      const found = special(view.getInt32(end, true)) & HIGHEST;
      if (found === 0) {
        end += 4;
        continue;
      }
      // The lowest that is set is of the first such byte.
      end += (31 - Math.clz32(found & -found)) >> 3;
    }
    const code = bytes[end] ?? 0;
    if (code === QUOTE) return end + 1;
    if (code < SPACE) return -1;
    if (code === BACKSLASH) end = lastOfEscape(bytes, end);
    if (end < 0) return -1;
    end++;
  }
}

/**
 * The highest bit of one of its bytes is set where there is a quote, a backslash or a control character among them: it is
 * borrowed from when 32 is taken from less, or 1 from what is left of a byte without the bits of the one looked for. Set without
 * any of them, too, at times; never the other way about.
 */
function special(word: number): number {
  return (word - SPACES) | ((word ^ QUOTES) - ONES) | ((word ^ BACKSLASHES) - ONES);
}

/** The last byte of what a backslash begins; -1 where that is nothing. */
function lastOfEscape(bytes: Buffer, at: number): number {
  const kind = bytes[at + 1] ?? 0;
  if (kind !== SMALL_U) return ESCAPED.has(kind) ? at + 1 : -1;
  for (let digit = at + 2; digit < at + 6; digit++) if (!isHex(bytes[digit] ?? 0)) return -1;
  return at + 5;
}

function isHex(code: number): boolean {
  const small = code | SMALL;
  return isDigit(code) || (small >= SMALL_A && small <= SMALL_F);
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE;
}

/** Where a number ends; 0 where there is none. */
function pastNumber(bytes: Buffer, from: number): number {
  const first = bytes[from] === MINUS ? from + 1 : from;
  let at = pastDigits(bytes, first);
  if (at === first || (at > first + 1 && bytes[first] === ZERO)) return 0;
  if (bytes[at] === POINT) {
    const fraction = ++at;
    at = pastDigits(bytes, fraction);
    if (at === fraction) return 0;
  }
  if (((bytes[at] ?? 0) | SMALL) !== SMALL_E) return at;
  const sign = bytes[++at];
  const exponent = sign === PLUS || sign === MINUS ? at + 1 : at;
  at = pastDigits(bytes, exponent);
  return at === exponent ? 0 : at;
}

function pastDigits(bytes: Buffer, from: number): number {
  let at = from;
  while (isDigit(bytes[at] ?? 0)) at++;
  return at;
}

/** Where `true`, `false` or `null` ends; -1 where there is none of them. */
function pastWord(bytes: Buffer, at: number): number {
  const word = WORDS.get(bytes[at] ?? 0);
  const end = at + (word?.length ?? 0);
  return word && bytes.compare(word, 0, word.length, at, Math.min(end, bytes.length)) === 0 ? end : -1;
}
