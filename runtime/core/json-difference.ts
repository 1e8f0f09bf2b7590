import { pointerTo } from '../../contract/pointer.ts';

const MAX = 20;
const MAX_CHARS = 200;

/** Where a value is another than was expected, each as a line such as `/0/total: expected 6, came 5`; at most 20. */
export function jsonDifferences(expected: unknown, came: unknown): string[] {
  const lines: string[] = [];
  const compare = (a: unknown, b: unknown, path: string): void => {
    if (lines.length > MAX || Object.is(a, b)) return;
    if (!isContainer(a) || !isContainer(b) || Array.isArray(a) !== Array.isArray(b)) {
      lines.push(`${path || '/'}: expected ${shown(a)}, came ${shown(b)}`);
      return;
    }
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      compare(own(a, key), own(b, key), pointerTo(path, key));
    }
  };
  compare(expected, came, '');
  return lines.length > MAX ? [...lines.slice(0, MAX), 'and more'] : lines;
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function own(value: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > MAX_CHARS ? `${text.slice(0, MAX_CHARS)}...` : text;
}
