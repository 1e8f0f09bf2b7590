/** What a backslash may stand before, but for `u`. */
const ESCAPED = new Set(Array.from('"\\/bfnrt', char => char.charCodeAt(0)));
const WORDS = new Map(['true', 'false', 'null'].map(word => [word.charCodeAt(0), Buffer.from(word)]));

const LINE_BREAK = 0x0a;
const SPACE = 0x20;
/** In each of four bytes: a space, and the highest bit. */
const SPACES = 0x20202020;
const HIGHEST = 0x80808080;
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

/** Bytes of a short string. */
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

/**
 * Whether UTF-8 without control characters, or a line of it, is the JSON of one object as `JSON.stringify` writes it,
 * without spaces. Cheaper than parsing, since strings are skipped and nothing is made. False says only that it has to be
 * parsed to know.
 */
export function isCompactObject(bytes: Buffer, from = 0, to = bytes.length): boolean {
  return compactObjects(bytes)(from) === to;
}

/**
 * Where the object ends that begins at a place, -1 where there is none. Places are asked about in their order: backslashes are
 * looked for once. `maxDepth`: objects and lists within each other.
 */
export function compactObjects(bytes: Buffer, maxDepth = Number.POSITIVE_INFINITY): (from: number) => number {
  const scan: Scan = { bytes, maxDepth, backslash: -1, open: [] };
  return from => pastObject(scan, from);
}

interface Scan {
  bytes: Buffer;
  maxDepth: number;
  /** Where the next backslash is; behind the end when there is none. */
  backslash: number;
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

/** Where a string ends that begins with a quote; -1 where it does not. Most are so short that a search for their end takes longer. */
function pastString(scan: Scan, at: number): number {
  const { bytes } = scan;
  let end = at + 1;
  while (bytes[end] !== QUOTE && bytes[end] !== BACKSLASH && end <= at + SHORT) end++;
  if (bytes[end] === QUOTE) return end + 1;
  if (scan.backslash < end) scan.backslash = indexOrEnd(bytes, BACKSLASH, end);
  if (bytes[end] !== BACKSLASH) end = bytes.indexOf(QUOTE, end);
  return end < scan.backslash ? end + 1 || -1 : pastEscapes(bytes, at + 1);
}

/** The same, from within the string on, where it has escapes: those matter only here. */
function pastEscapes(bytes: Buffer, from: number): number {
  for (let at = from; at < bytes.length; at++) {
    const code = bytes[at];
    if (code === QUOTE) return at + 1;
    if (code !== BACKSLASH) continue;
    const kind = bytes[++at] ?? 0;
    if (kind === SMALL_U) {
      for (const end = at + 4; at < end; ) if (!isHex(bytes[++at] ?? 0)) return -1;
    } else if (!ESCAPED.has(kind)) return -1;
  }
  return -1;
}

function isHex(code: number): boolean {
  const small = code | SMALL;
  return isDigit(code) || (small >= SMALL_A && small <= SMALL_F);
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE;
}

function indexOrEnd(bytes: Buffer, wanted: number, from: number): number {
  const found = bytes.indexOf(wanted, from);
  return found < 0 ? bytes.length : found;
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
