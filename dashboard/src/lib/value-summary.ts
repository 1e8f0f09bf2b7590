import { entriesOf, writeOrdered } from './ordered-json.ts';

const MAX = 160;

/** What is in a value, in one line: `pageViews: 3, id: "x1"` of an object, else the JSON or the text itself. */
export function valueSummary(value: unknown): string {
  const inside = Array.isArray(value) ? undefined : entriesOf(value);
  return cut(inside ? properties(inside) : inline(value));
}

function properties(inside: readonly [string, unknown][]): string {
  const parts: string[] = [];
  let length = 0;
  for (const [name, value] of inside) {
    const part = `${name}: ${inline(value)}`;
    parts.push(part);
    length += part.length + 2;
    if (length > MAX) break;
  }
  return parts.length === 0 ? '{}' : parts.join(', ');
}

function inline(value: unknown): string {
  if (Array.isArray(value) && value.length > 3) return `[${value.length} items]`;
  return value === undefined ? 'undefined' : writeOrdered(value);
}

function cut(text: string): string {
  return text.length <= MAX ? text : `${text.slice(0, MAX - 1)}…`;
}
