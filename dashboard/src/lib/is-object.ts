import { isExactNumber } from '../../../contract/exact-number.ts';

/** A JSON object, not a list, not null, and no number whose digits are kept. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isExactNumber(value);
}
