const MOST = 160;

/** What is in a value, in one line: `pageViews: 3, id: "x1"` of an object, else the JSON or the text itself. */
export function valueSummary(value: unknown): string {
  return cut(isObject(value) ? properties(value) : inline(value));
}

function properties(object: Record<string, unknown>): string {
  const parts: string[] = [];
  let length = 0;
  for (const [name, value] of Object.entries(object)) {
    const part = `${name}: ${inline(value)}`;
    parts.push(part);
    length += part.length + 2;
    if (length > MOST) break;
  }
  return parts.length === 0 ? '{}' : parts.join(', ');
}

function inline(value: unknown): string {
  if (Array.isArray(value) && value.length > 3) return `[${value.length} items]`;
  return JSON.stringify(value) ?? String(value);
}

function cut(text: string): string {
  return text.length <= MOST ? text : `${text.slice(0, MOST - 1)}…`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
