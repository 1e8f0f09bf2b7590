const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/**
 * JSON laid out over lines. Works on the text alone: numbers keep all their digits, names their order, strings their
 * escapes. Text that is no JSON is answered as it is.
 */
export function formatJson(text: string): string {
  return isJson(text) ? layOut(text) : text;
}

/** JSON without any space between its parts, otherwise as it is. */
export function compactJson(text: string): string {
  return isJson(text) ? (text.match(TOKEN) ?? []).join('') : text;
}

/** Whether it is a JSON object or list, which are what is kept as JSON. */
export function isJson(text: string): boolean {
  if (!/^\s*[{[]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function layOut(text: string): string {
  const tokens = text.match(TOKEN) ?? [];
  let result = '';
  let depth = 0;
  const line = () => `\n${'  '.repeat(depth)}`;
  for (const [index, token] of tokens.entries()) {
    const before = tokens[index - 1] ?? '';
    if (token === '}' || token === ']') {
      depth -= 1;
      result += before === '{' || before === '[' ? token : line() + token;
      continue;
    }
    if (before === '{' || before === '[' || before === ',') result += line();
    result += token === ':' ? ': ' : token;
    if (token === '{' || token === '[') depth += 1;
  }
  return result;
}

interface RawJson {
  rawJSON: string;
}

type Source = (this: unknown, name: string, value: unknown, context?: { source?: string }) => unknown;

/**
 * JSON for showing it. A number that JavaScript would round is a {@link RawJson}, which is written as it stood, where the
 * browser can do that.
 */
export function parseShown(text: string): unknown {
  const make = (JSON as { rawJSON?: (text: string) => RawJson }).rawJSON;
  if (!make || !/\d{16}|\.\d{15}|\d[eE]/.test(text)) return JSON.parse(text);
  const exact: Source = (_name, value, context) => {
    if (typeof value !== 'number' || context?.source === undefined) return value;
    return String(value) === context.source ? value : make(context.source);
  };
  return JSON.parse(text, exact as never);
}

/** Whether it is a number that is written as it stood. */
export function isRawJson(value: unknown): boolean {
  return (JSON as { isRawJSON?: (value: unknown) => boolean }).isRawJSON?.(value) ?? false;
}
