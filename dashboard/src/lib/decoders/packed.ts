import { beginsWith, type Decoder, shownValue } from './decoder.ts';

/** MessagePack: a map or a list, which is what programs store. */
export const messagePack: Decoder = {
  name: 'MessagePack',
  fits: ([first = 0]) => (first >= 0x80 && first <= 0x9f) || (first >= 0xdc && first <= 0xdf),
  sure: true,
  decode: async bytes => {
    const { decode } = await import('@msgpack/msgpack');
    return { kind: 'value', value: shownValue(decode(bytes, { useBigInt64: true })) };
  },
};

/** CBOR, as RFC 8949 has it: a map or a list, or what says that it is CBOR. */
export const cbor: Decoder = {
  name: 'CBOR',
  fits: bytes => {
    const [first = 0] = bytes;
    return (first >= 0x80 && first <= 0xbf) || beginsWith(bytes, 0xd9, 0xd9, 0xf7);
  },
  sure: true,
  decode: async bytes => {
    const { decode } = await import('cborg');
    const body = beginsWith(bytes, 0xd9, 0xd9, 0xf7) ? bytes.subarray(3) : bytes;
    return { kind: 'value', value: shownValue(decode(body, { useMaps: true, allowBigInt: true })) };
  },
};
