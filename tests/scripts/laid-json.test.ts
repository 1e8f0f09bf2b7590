import { expect, test } from '@jest/globals';
import { laidJson } from '../../scripts/generate/laid-json.ts';

test('generate - JSON is the same value in few lines, of which none is long that could be broken', () => {
  const long = 'x'.repeat(200);
  const value = {
    a: [1, { b: 'text, with "quotes"' }],
    none: undefined,
    empty: {},
    list: [],
    many: [long, null, true],
  };
  const text = laidJson(value);
  expect(JSON.parse(text)).toEqual({ ...value, none: undefined });
  expect(JSON.stringify(JSON.parse(text))).toBe(JSON.stringify(value));
  expect(text.split('\n')).toEqual([
    '{',
    '  "a": [1, { "b": "text, with \\"quotes\\"" }],',
    '  "empty": {},',
    '  "list": [],',
    '  "many": [',
    `    "${long}",`,
    '    null,',
    '    true',
    '  ]',
    '}',
    '',
  ]);
});
