import { exactNumber } from '../../../contract/exact-number.ts';

/** A number that JavaScript would round or write otherwise, with its digits as they stand in the text; see {@link parseExact}. */
export interface ExactNumber {
  readonly rawJSON: string;
}

/** Of ES2026, where the browser has it. */
const { isRawJSON } = JSON as unknown as { isRawJSON?: (value: unknown) => boolean };

/** As JSON.parse, but numbers keep their digits: JSON.stringify writes `9007199254740993` and `1.10` as they were. */
export function parseExact(text: string): unknown {
  const revive = (_name: string, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' && context?.source !== undefined ? exactNumber(context.source) : value;
  return JSON.parse(text, revive);
}

/** Whether a value is a number whose digits are kept. */
export function isExactNumber(value: unknown): value is ExactNumber {
  return isRawJSON?.(value) === true;
}

/**
 * As JSON.stringify, with what cannot be seen or moves other text written as `\u202e`: it is the same JSON, and a person who
 * reads it is not deceived.
 */
export function writeVisible(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, null, indent) ?? '';
  return text.replace(UNSEEN, char => escapeOf(char));
}

/** Outside of its texts JSON has only spaces and line ends, and within them those are escaped already. */
const UNSEEN = /(?![ \n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Zs}\p{Default_Ignorable_Code_Point}]/gu;

function escapeOf(char: string): string {
  return char
    .split('')
    .map(unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
