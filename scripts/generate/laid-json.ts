const WIDTH = 110;

/** JSON in few lines: what fits into one stands in one, and is read and compared as a whole. Ends with a line break. */
export function laidJson(value: unknown): string {
  return `${laid(value, 0, 0)}\n`;
}

/** `before`: characters that stand before it on its first line. */
function laid(value: unknown, depth: number, before: number): string {
  const flat = flatJson(value);
  if (typeof value !== 'object' || value === null || before + flat.length < WIDTH) return flat;
  const inner = '  '.repeat(depth + 1);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  const parts = Object.entries(value)
    .filter(([, part]) => part !== undefined)
    .map(([name, part]) => {
      const start = Array.isArray(value) ? inner : `${inner}${JSON.stringify(name)}: `;
      return start + laid(part, depth + 1, start.length);
    });
  return `${open}\n${parts.join(',\n')}\n${'  '.repeat(depth)}${close}`;
}

function flatJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flatJson).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const parts = Object.entries(value)
    .filter(([, part]) => part !== undefined)
    .map(([name, part]) => `${JSON.stringify(name)}: ${flatJson(part)}`);
  return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`;
}
