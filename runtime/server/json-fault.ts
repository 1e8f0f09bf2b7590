/** Where a text stops being JSON. */
export interface JsonFault {
  line: number;
  column: number;
  /** What was found there. */
  found: string;
}

const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/**
 * Finds the first character that cannot be JSON: JSON.parse says so for some faults only. Of a text that JSON.parse has
 * refused.
 */
export function findJsonFault(text: string): JsonFault {
  const at = faultOffset(text);
  const before = text.slice(0, at);
  const line = before.split('\n').length;
  const column = at - before.lastIndexOf('\n');
  return { line, column, found: at >= text.length ? 'the end of the body' : JSON.stringify(text.charAt(at)) };
}

/** What may come next: a value, a value or `]`, a name or `}`, a name, a colon, or what follows a value. */
type Expected = 'value' | 'value]' | 'name}' | 'name' | 'colon' | 'after';

function faultOffset(text: string): number {
  const open: string[] = [];
  let expected: Expected = 'value';
  let offset = skipSpace(text, 0);
  for (;;) {
    const token = tokenAt(text, offset);
    if (token.kind === 'fault') return token.end;
    const next = step(expected, token.kind, open);
    if (!next) return offset;
    expected = next;
    offset = skipSpace(text, token.end);
  }
}

/** What stands at `start`, and where it ends; of a `fault` the end is the place of the fault. */
function tokenAt(text: string, start: number): { kind: string; end: number } {
  const char = text.charAt(start);
  if (char === '"') return stringAt(text, start);
  if (char !== '' && '[]{},:'.includes(char)) return { kind: char, end: start + 1 };
  SCALAR.lastIndex = start;
  return SCALAR.test(text) ? { kind: 'scalar', end: SCALAR.lastIndex } : { kind: 'fault', end: start };
}

/** By a loop: a string may have millions of characters, too many for a regular expression's own stack. */
function stringAt(text: string, start: number): { kind: string; end: number } {
  for (let at = start + 1; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === 0x22) return { kind: 'string', end: at + 1 };
    if (char < 0x20) return { kind: 'fault', end: at };
    if (char !== 0x5c) continue;
    ESCAPE.lastIndex = at;
    if (!ESCAPE.test(text)) return { kind: 'fault', end: at };
    at = ESCAPE.lastIndex - 1;
  }
  return { kind: 'fault', end: text.length };
}

/** The grammar: what may follow when `kind` was met, undefined when it may not stand here. */
function step(expected: Expected, kind: string, open: string[]): Expected | undefined {
  switch (expected) {
    case 'value':
    case 'value]':
      if (kind === ']' && expected === 'value]') return close(open);
      return value(kind, open);
    case 'name}':
    case 'name':
      if (kind === '}' && expected === 'name}') return close(open);
      return kind === 'string' ? 'colon' : undefined;
    case 'colon':
      return kind === ':' ? 'value' : undefined;
    case 'after':
      return after(kind, open);
  }
}

function value(kind: string, open: string[]): Expected | undefined {
  if (kind === 'string' || kind === 'scalar') return 'after';
  if (kind !== '{' && kind !== '[') return undefined;
  open.push(kind);
  return kind === '{' ? 'name}' : 'value]';
}

function after(kind: string, open: string[]): Expected | undefined {
  const inside = open.at(-1);
  if (kind === ',' && inside) return inside === '{' ? 'name' : 'value';
  return (kind === '}' && inside === '{') || (kind === ']' && inside === '[') ? close(open) : undefined;
}

function close(open: string[]): Expected {
  open.pop();
  return 'after';
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && ' \t\n\r'.includes(text.charAt(at))) at++;
  return at;
}
