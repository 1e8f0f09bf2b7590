import { choiceWords, PATTERN_WORDS, TIME_WORDS } from '../../contract/fault-words.ts';
import { isTime } from './is-time.ts';

/** Whether a value fits, and what is said of one that does not. */
export type Rule = [fits: (value: never) => boolean, words: string];

/** The keywords of our schemas that look at a value as a whole, by what they say. Those of one type are given values of that type. */
export const RULES: Record<string, (says: never) => Rule> = {
  const: (says: unknown) => [value => value === says, 'must be equal to constant'],
  enum: (says: unknown[]) => [value => says.includes(value), choiceWords(says)],
  maximum: (most: number) => [(value: number) => value <= most, `must be <= ${most}`],
  minimum: (least: number) => [(value: number) => value >= least, `must be >= ${least}`],
  maxLength: (most: number) => [
    (text: string) => !isLonger(text, most),
    `must NOT have more than ${most} characters`,
  ],
  minLength: (least: number) => [
    (text: string) => isLonger(text, least - 1),
    `must NOT have fewer than ${least} characters`,
  ],
  pattern: (says: string) => {
    const pattern = new RegExp(says, 'u');
    return [(text: string) => pattern.test(text), PATTERN_WORDS];
  },
  format: (says: string) => {
    if (says !== 'date-time') throw new Error(`unknown format "${says}" in a schema`);
    return [isTime, TIME_WORDS];
  },
  maxItems: (most: number) => [
    (list: unknown[]) => list.length <= most,
    `must NOT have more than ${most} items`,
  ],
  minItems: (least: number) => [
    (list: unknown[]) => list.length >= least,
    `must NOT have fewer than ${least} items`,
  ],
  maxProperties: (most: number) => [
    (object: object) => Object.keys(object).length <= most,
    `must NOT have more than ${most} properties`,
  ],
  minProperties: (least: number) => [
    (object: object) => Object.keys(object).length >= least,
    `must NOT have fewer than ${least} properties`,
  ],
};

/** Whether a text has more characters; both halves of a surrogate pair are one. */
function isLonger(text: string, characters: number): boolean {
  if (text.length <= characters) return false;
  if (text.length > 2 * characters) return true;
  let count = 0;
  for (const _character of text) count++;
  return count > characters;
}
