import { expect, test } from '@jest/globals';
import { filterBelow } from '../../../runtime/core/key-filters.ts';

for (const [filter, prefix, expected] of [
  ['>', '', '>'],
  ['>', 'user.', 'user.>'],
  ['>', 'user.42.', 'user.42.>'],
  ['>', 'us', '>'],
  ['>', 'user.4', 'user.>'],
  ['*.theme', 'user.', 'user.theme'],
  ['*.*.cart', 'user.', 'user.*.cart'],
  ['user.>', 'user.', 'user.>'],
  ['user.>', 'user.1.', 'user.1.>'],
  ['user.>', 'team.', undefined],
  ['user', 'user.', undefined],
  ['user.*', 'user.1.', undefined],
  ['>', '*.', '>'],
] as const) {
  test(`filterBelow - ${filter} below "${prefix}" is ${expected}`, () => {
    expect(filterBelow(filter, prefix)).toBe(expected);
  });
}
