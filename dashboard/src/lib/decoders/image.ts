import { beginsWith, type Decoder } from './decoder.ts';

/** Pictures that a browser shows; never SVG, which is a program as much as a picture. */
const TYPES: [type: string, fits: (bytes: Uint8Array) => boolean][] = [
  ['image/png', bytes => beginsWith(bytes, 0x89, 0x50, 0x4e, 0x47)],
  ['image/jpeg', bytes => beginsWith(bytes, 0xff, 0xd8, 0xff)],
  ['image/gif', bytes => beginsWith(bytes, 0x47, 0x49, 0x46, 0x38)],
  [
    'image/webp',
    bytes =>
      beginsWith(bytes, 0x52, 0x49, 0x46, 0x46) && beginsWith(bytes.subarray(8), 0x57, 0x45, 0x42, 0x50),
  ],
];

/** A picture by its first bytes. */
export const image: Decoder = {
  name: 'image',
  fits: bytes => TYPES.some(([, fits]) => fits(bytes)),
  sure: true,
  decode: bytes => ({ kind: 'image', type: TYPES.find(([, fits]) => fits(bytes))?.[0] ?? '', bytes }),
};
