import { type Decoder, textOf } from './decoder.ts';

/** Deeper messages are left as bytes: without a schema nobody knows where it ends. */
const DEEPEST = 20;

/** What Protocol Buffers are called. */
export const PROTOBUF = 'Protobuf';

/** Protocol Buffers without their schema: numbers of the fields in place of names, each with what it may be. */
export const protobuf: Decoder = {
  name: PROTOBUF,
  fits: ([first = 0]) => first >>> 3 > 0 && [0, 1, 2, 5].includes(first & 7),
  sure: false,
  decode: async bytes => ({
    kind: 'value',
    value: message(bytes, 0, await import('@bufbuild/protobuf/wire')),
  }),
};

type Fields = Record<string, unknown>;
type Wire = typeof import('@bufbuild/protobuf/wire');

function message(bytes: Uint8Array, depth: number, wire: Wire): Fields {
  const fields: Fields = {};
  const reader = new wire.BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    put(fields, String(field), fieldOf(type));
  }
  return fields;

  function fieldOf(type: number): unknown {
    const { WireType } = wire;
    if (type === WireType.Varint) return integer(BigInt(reader.uint64()));
    if (type === WireType.LengthDelimited) return inside(reader.bytes(), depth, wire);
    if (type === WireType.Bit32) return fixed(4);
    if (type === WireType.Bit64) return fixed(8);
    throw new Error(`It has a field of the unknown type ${type}, so it is no Protobuf.`);
  }

  function fixed(length: 4 | 8): Fields {
    const view = new DataView(bytes.buffer, bytes.byteOffset + reader.pos, length);
    reader.pos += length;
    return length === 4
      ? { float: view.getFloat32(0, true), int: view.getInt32(0, true) }
      : { double: view.getFloat64(0, true), int: integer(view.getBigInt64(0, true)) };
  }
}

/** Text where it reads as one, else a message where it parses as one, else bytes. */
function inside(bytes: Uint8Array, depth: number, wire: Wire): unknown {
  const text = textOf(bytes);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: text of people has none of these
  if (text !== undefined && !/[\x00-\x08\x0e-\x1f]/.test(text)) return text;
  try {
    if (depth < DEEPEST) return message(bytes, depth + 1, wire);
  } catch {
    // Then it is none.
  }
  return `hex ${Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')}`;
}

function integer(value: bigint): number | string {
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
}

/** A field that comes again is a list. */
function put(fields: Fields, name: string, value: unknown): void {
  const before = fields[name];
  if (before === undefined) fields[name] = value;
  else if (Array.isArray(before)) before.push(value);
  else fields[name] = [before, value];
}
