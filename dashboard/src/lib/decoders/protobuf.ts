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
  decode: bytes => ({ kind: 'value', value: message(bytes, 0) }),
};

type Fields = Record<string, unknown>;

function message(bytes: Uint8Array, depth: number): Fields {
  const fields: Fields = {};
  let at = 0;
  while (at < bytes.length) {
    const tag = Number(varint());
    const [field, type] = [Math.floor(tag / 8), tag & 7];
    if (field === 0) throw new Error('It has a field of number 0, so it is no Protobuf.');
    put(fields, String(field), fieldOf(type));
  }
  return fields;

  function fieldOf(type: number): unknown {
    if (type === 0) return integer(varint());
    if (type === 1) return fixed(8);
    if (type === 5) return fixed(4);
    if (type === 2) return inside(take(Number(varint())), depth);
    throw new Error(`It has a field of the unknown type ${type}, so it is no Protobuf.`);
  }

  function varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) break;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new Error('It ends in the middle of a number, so it is no Protobuf.');
  }

  function take(length: number): Uint8Array {
    if (at + length > bytes.length)
      throw new Error('It ends in the middle of a field, so it is no Protobuf.');
    at += length;
    return bytes.subarray(at - length, at);
  }

  function fixed(length: 4 | 8): Fields {
    const some = take(length);
    const view = new DataView(some.buffer, some.byteOffset, length);
    return length === 4
      ? { float: view.getFloat32(0, true), int: view.getInt32(0, true) }
      : { double: view.getFloat64(0, true), int: integer(view.getBigInt64(0, true)) };
  }
}

/** Text where it reads as one, else a message where it parses as one, else bytes. */
function inside(bytes: Uint8Array, depth: number): unknown {
  const text = textOf(bytes);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: text of people has none of these
  if (text !== undefined && !/[\x00-\x08\x0e-\x1f]/.test(text)) return text;
  try {
    if (depth < DEEPEST) return message(bytes, depth + 1);
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
