import { parseExactNumbers } from '../../../contract/exact-number.ts';
import type { Cell } from '../../core/destinations.ts';
import type { Column } from '../engine.ts';

/** A list (as JSON text) as a column of lists takes it; any other value as it is. */
export function adaptValue({ sqlType = '' }: Column, value: Cell): Cell {
  if (!sqlType.endsWith('[]') || typeof value !== 'string' || !value.startsWith('[')) return value;
  try {
    const list = parseExactNumbers(value);
    return Array.isArray(list) ? literal(list) : value;
  } catch {
    return value;
  }
}

function literal(list: readonly unknown[]): string {
  return `{${list.map(item).join(',')}}`;
}

function item(value: unknown): string {
  if (value === null) return 'NULL';
  if (Array.isArray(value)) return literal(value);
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
