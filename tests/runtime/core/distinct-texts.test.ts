import { expect, test } from '@jest/globals';
import { areDistinct, hashOf } from '../../../runtime/core/distinct-texts.ts';

test('texts that share a number are told apart, and one that comes twice is found', () => {
  const byHash = new Map<number, string>();
  let pair: string[] = [];
  for (let i = 0; pair.length === 0; i++) {
    const text = `user.${i}`;
    const other = byHash.get(hashOf(text));
    if (other !== undefined) pair = [other, text];
    byHash.set(hashOf(text), text);
  }
  expect(new Set(pair).size).toBe(2);
  expect(areDistinct(pair)).toBe(true);
  expect(areDistinct([...pair, 'another', pair[0] ?? ''])).toBe(false);
  expect(areDistinct([])).toBe(true);
});
