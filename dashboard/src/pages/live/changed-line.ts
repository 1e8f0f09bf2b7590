import { isExactNumber, parseExactNumbers } from '../../../../contract/exact-number.ts';

/** Longer values are not compared in a list that changes ten times a second. */
const LONGEST = 20_000;
const MAX = 6;
const MISSING = Symbol('missing');

/** What differs between two JSON objects, in one line: `total 1 → 2, paid added`. Undefined where either is none. */
export function changedLine(before: string | undefined, after: string | undefined): string | undefined {
  const [old, now] = [objectOf(before), objectOf(after)];
  if (!old || !now) return undefined;
  const parts: string[] = [];
  compare(old, now, '', parts);
  if (parts.length === 0) return 'the same value';
  return parts.length > MAX ? `${parts.slice(0, MAX).join(', ')}…` : parts.join(', ');
}

function compare(old: object, now: object, path: string, parts: string[]): void {
  for (const name of new Set([...Object.keys(old), ...Object.keys(now)])) {
    if (parts.length > MAX) return;
    const [a, b] = [own(old, name), own(now, name)];
    const at = path === '' ? name : `${path}.${name}`;
    if (a === MISSING) parts.push(`${at} added`);
    else if (b === MISSING) parts.push(`${at} removed`);
    else if (isObject(a) && isObject(b)) compare(a, b, at, parts);
    else if (JSON.stringify(a) !== JSON.stringify(b)) parts.push(`${at} ${short(a)} → ${short(b)}`);
  }
}

function own(object: object, name: string): unknown {
  return Object.hasOwn(object, name) ? (object as Record<string, unknown>)[name] : MISSING;
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? '';
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

function objectOf(text: string | undefined): object | undefined {
  if (text === undefined || text.length > LONGEST || !/^\s*[[{]/.test(text)) return undefined;
  try {
    const value = parseExactNumbers(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !isExactNumber(value);
}
