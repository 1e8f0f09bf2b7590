import { beginsWith, type Decoder } from './decoder.ts';

/** More than this is not unpacked: a few kilobytes may be packed gigabytes. */
const LARGEST = 16 * 1024 * 1024;

/** gzip, as RFC 1952 has it. */
export const gzip: Decoder = {
  name: 'gzip',
  fits: bytes => beginsWith(bytes, 0x1f, 0x8b, 0x08),
  sure: true,
  decode: bytes => unpack(bytes, 'gzip'),
};

/** zlib, as RFC 1950 has it; what most programs call deflate. */
export const zlib: Decoder = {
  name: 'zlib',
  fits: ([first = 0, second = 0]) => (first & 0x8f) === 0x08 && (first * 256 + second) % 31 === 0,
  sure: true,
  decode: bytes => unpack(bytes, 'deflate'),
};

async function unpack(bytes: Uint8Array, format: CompressionFormat) {
  const packed = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
  const reader = packed.pipeThrough(new DecompressionStream(format)).getReader();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    size += next.value.length;
    parts.push(next.value);
    if (size <= LARGEST) continue;
    await reader.cancel();
    throw new Error('It unpacks to more than 16 MiB, which is not shown here.');
  }
  return { kind: 'bytes', bytes: new Uint8Array(await new Blob(parts).arrayBuffer()) } as const;
}
