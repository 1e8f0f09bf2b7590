import { expect, test } from '@jest/globals';
import { decodeAudit, encodeAudit } from '../../runtime/recognition/audit.ts';
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
    const key = { id: 2n ** 60n };
    const text = encodeAudit({
      destination: 'w',
      by: 'e',
      at: '2026-01-31T12:00:00Z',
      rows: [{ table: 't', key, old: {}, new: {} }],
    });
    expect(decodeAudit(JSON.parse(text)).rows[0]?.key).toEqual(key);
    expect(exactJson({ a: [2n ** 60n, 1] })).toBe('{"a":[1152921504606846976,1]}');
  } finally {
    if (before) prototype.toJSON = before;
    else delete prototype.toJSON;
  }
});
