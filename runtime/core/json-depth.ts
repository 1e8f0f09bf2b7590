/** Deeper input is refused by every transport: code that walks a value by recursion would run out of stack. */
export const DEEPEST_JSON = 500;

/** What is wrong with a value that nests more, and the way out. */
export const TOO_DEEP = `nests objects and lists more than ${DEEPEST_JSON} deep; send the inner part as text`;

/**
 * Whether brackets nest more than `deepest` deep in JSON text; of other text it answers something, in time that grows with its
 * length alone.
 */
export function isTooDeep(text: string, deepest = DEEPEST_JSON): boolean {
  if (!hasMoreBrackets(text, deepest)) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === 0x22) at = endOfString(text, at);
    else if (char === 0x7b || char === 0x5b) {
      if (++depth > deepest) return true;
    } else if (char === 0x7d || char === 0x5d) depth--;
  }
  return false;
}

/** The same of a value that was not read from text. What refers to itself is as deep as can be. */
export function nestsTooDeep(value: unknown, deepest = DEEPEST_JSON): boolean {
  const open: { object: object; depth: number }[] = [];
  const add = (inner: unknown, depth: number) => {
    if (typeof inner === 'object' && inner !== null) open.push({ object: inner, depth });
  };
  add(value, 1);
  for (let one = open.pop(); one; one = open.pop()) {
    if (one.depth > deepest) return true;
    for (const inner of Object.values(one.object)) add(inner, one.depth + 1);
  }
  return false;
}

/** What has few brackets in all, strings included, cannot nest deeply; that is told many times faster. */
function hasMoreBrackets(text: string, most: number): boolean {
  if (text.length <= most) return false;
  let found = 0;
  for (const bracket of ['{', '[']) {
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1)) {
      if (++found > most) return true;
    }
  }
  return false;
}

function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end >= 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  // A string without an end: the text is no JSON.
  return end >= 0 ? end : text.length;
}

function isEscaped(text: string, quote: number): boolean {
  let slashes = 0;
  while (text.charCodeAt(quote - 1 - slashes) === 0x5c) slashes++;
  return slashes % 2 === 1;
}
