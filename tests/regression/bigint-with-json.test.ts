import { expect, test } from '@jest/globals';
import { bigintJson } from '../../runtime/core/json/bigint-json.ts';
import { exactJson } from '../../runtime/warehouses/shared/json.ts';

// As n8n-workflow and other libraries do for the whole process.
test('exact JSON - a number above 2^53 stays one where a library gave BigInt a toJSON', () => {
  const prototype = BigInt.prototype as unknown as { toJSON?: () => string };
  const before = prototype.toJSON;
  prototype.toJSON = function () {
    return this.toString();
  };
  try {
    expect(exactJson(2n ** 60n)).toBe('1152921504606846976');
    expect(bigintJson([2n ** 60n], big => ({ bigint: String(big) }))).toBe(
      '[{"bigint":"1152921504606846976"}]',
    );
    expect(exactJson({ a: [2n ** 60n, 1] })).toBe('{"a":[1152921504606846976,1]}');
  } finally {
    if (before) prototype.toJSON = before;
    else delete prototype.toJSON;
  }
});
