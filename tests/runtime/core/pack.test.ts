import { deflateRawSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { unpack } from '../../../runtime/core/state/pack.ts';

const isAny = (value: unknown): value is unknown => value !== undefined;
const packed = (spaces: number) => deflateRawSync(`{"a":1${' '.repeat(spaces)}}`, { level: 1 });

test('unpack - what was compressed is read, and what a few bytes blow up to more than any call carries is nothing', async () => {
  expect(await unpack(packed(2_000_000), isAny)).toEqual({ a: 1 });
  expect(await unpack(packed(65 * 1024 * 1024), isAny)).toBeUndefined();
  expect(await unpack(Buffer.from('{"a":1}'), isAny)).toEqual({ a: 1 });
  expect(await unpack(Buffer.from('no deflate'), isAny)).toBeUndefined();
});
