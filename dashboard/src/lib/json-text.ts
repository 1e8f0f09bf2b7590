const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/**
 * JSON laid out over lines. Works on the text alone: numbers keep all their digits, names their order, strings their
 * escapes. Text that is no JSON is answered as it is.
 */
export function formatJson(text: string): string {
  return isJson(text) ? layOut(text) : text;
}

/** The parts of a text that is JSON: brackets, commas, colons, and scalars as they are written. */
export function jsonTokens(text: string): string[] {
  return text.match(TOKEN) ?? [];
}

/** JSON without any space between its parts, otherwise as it is. */
export function compactJson(text: string): string {
  return isJson(text) ? jsonTokens(text).join('') : text;
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
  const tokens = jsonTokens(text);
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
