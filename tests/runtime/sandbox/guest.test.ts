import { createHash, createHmac } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { makeClone } from '../../../runtime/sandbox/guest/clone.ts';
import { makeCodecs } from '../../../runtime/sandbox/guest/codecs.ts';
import { beginDigest, digestOf, HASH_NAMES, hmacOf } from '../../../runtime/sandbox/guest/hash.ts';
import { makeInspect } from '../../../runtime/sandbox/guest/inspect.ts';

// What scripts have instead of Node's own must answer as Node's own does: it is the measure here.
const codecs = makeCodecs();

test.each(HASH_NAMES)(
  'guest hash - %s is the same as Node’s at every block edge, in one and by parts',
  name => {
    for (const size of [0, 1, 55, 56, 63, 64, 111, 112, 119, 127, 128, 1000]) {
      const text = 'é'.repeat(size >> 1) + 'x'.repeat(size & 1);
      const bytes = codecs.encode(text);
      const expected = createHash(name).update(text).digest('hex');
      expect(codecs.toHex(digestOf(name, bytes))).toBe(expected);
      const parts = beginDigest(name);
      for (let at = 0; at < bytes.length; at += 50) parts.update(bytes.subarray(at, at + 50));
      expect(codecs.toHex(parts.digest())).toBe(expected);
      expect(codecs.toHex(hmacOf(name, bytes, bytes))).toBe(
        createHmac(name, text).update(text).digest('hex'),
      );
    }
  },
);

test('guest codecs - UTF-8 and base64 as Node has them', () => {
  for (const text of ['', 'a', 'é', '漢字', '🤘', 'a\0b', '\ud800x', 'x'.repeat(1000)]) {
    const bytes = Buffer.from(text);
    expect(Buffer.from(codecs.encode(text))).toEqual(bytes);
    expect(codecs.decode(bytes)).toBe(bytes.toString());
    expect(codecs.toBase64(bytes)).toBe(bytes.toString('base64'));
    expect(codecs.fromBase64(bytes.toString('base64'))).toEqual(new Uint8Array(bytes));
  }
  expect(() => codecs.decode(new Uint8Array([0xff]), true)).toThrow(TypeError);
  expect(() => codecs.atob('*')).toThrow();
  expect(() => codecs.btoa('漢')).toThrow();
});

test('guest inspect - never throws, never calls a getter, ends on cycles', () => {
  const inspect = makeInspect();
  const cycle: Record<string, unknown> = { a: 1 };
  cycle.self = cycle;
  const trap = {
    get a() {
      throw new Error('called');
    },
  };
  expect(inspect(cycle)).toBe('{ a: 1, self: [Circular *1] }');
  expect(inspect(trap)).toBe('{ a: [Getter] }');
  expect(inspect([1, 'x', null, undefined, 2n, new Map([[1, 2]]), new Set()])).toBe(
    "[ 1, 'x', null, undefined, 2n, Map(1) { 1 => 2 }, Set(0) {} ]",
  );
});

test('guest structuredClone - copies deeply, keeps cycles, refuses functions', () => {
  const clone = makeClone();
  const value: Record<string, unknown> = {
    d: new Date(0),
    m: new Map([[1, { a: [1] }]]),
    b: new Uint8Array([1, 2]),
  };
  value.self = value;
  const copy = clone(value) as typeof value;
  expect(copy).toEqual(value);
  expect(copy.self).toBe(copy);
  expect(copy.m).not.toBe(value.m);
  expect(() => clone({ f: () => 1 })).toThrow(TypeError);
});
