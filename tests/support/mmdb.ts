/** Writes small files in MaxMind's format, version 2.0: https://maxmind.github.io/MaxMind-DB/ */

type Value = string | number | boolean | Value[] | { [key: string]: Value };

const RECORD_BYTES = 3;
const TYPE = { text: 2, double: 3, uint16: 5, uint32: 6, map: 7, array: 11, boolean: 14 };

/** The bytes of a database of IPv4 networks, such as `{ '81.2.69.0/24': {...} }`. Whole numbers above 65535 are kept as doubles. */
export function writeMmdb(networks: Record<string, Value>): Buffer {
  const tree: (number | undefined)[][] = [[undefined, undefined]];
  const data: Buffer[] = [];
  let size = 0;
  const leaves: { node: number; bit: number; at: number }[] = [];
  for (const [network, value] of Object.entries(networks)) {
    const [address = '', length = '32'] = network.split('/');
    const bits = address
      .split('.')
      .flatMap(part => [...Number(part).toString(2).padStart(8, '0')].map(Number));
    let node = 0;
    for (const bit of bits.slice(0, Number(length) - 1)) {
      const next = tree[node]?.[bit] ?? tree.push([undefined, undefined]) - 1;
      (tree[node] as (number | undefined)[])[bit] = next;
      node = next;
    }
    leaves.push({ node, bit: bits[Number(length) - 1] ?? 0, at: size });
    const bytes = encode(value);
    data.push(bytes);
    size += bytes.length;
  }
  const count = tree.length;
  for (const { node, bit, at } of leaves) (tree[node] as (number | undefined)[])[bit] = count + 16 + at;
  const records = Buffer.alloc(2 * RECORD_BYTES * count);
  for (const [at, to] of tree.flat().entries())
    records.writeUIntBE(to ?? count, RECORD_BYTES * at, RECORD_BYTES);
  const metadata = encode({
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1,
    database_type: 'GeoLite2-City',
    description: { en: 'A small one for tests' },
    ip_version: 4,
    languages: ['en'],
    node_count: count,
    record_size: 8 * RECORD_BYTES,
  });
  const marker = Buffer.concat([Buffer.from([0xab, 0xcd, 0xef]), Buffer.from('MaxMind.com')]);
  return Buffer.concat([records, Buffer.alloc(16), ...data, marker, metadata]);
}

function encode(value: Value): Buffer {
  if (typeof value === 'string') return field(TYPE.text, Buffer.from(value));
  if (typeof value === 'boolean') return control(TYPE.boolean, value ? 1 : 0);
  if (Array.isArray(value)) return Buffer.concat([control(TYPE.array, value.length), ...value.map(encode)]);
  if (typeof value === 'object') {
    const entries = Object.entries(value).flatMap(([name, one]) => [encode(name), encode(one)]);
    return Buffer.concat([control(TYPE.map, entries.length / 2), ...entries]);
  }
  if (!Number.isInteger(value) || value < 0 || value > 0xffff) {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleBE(value);
    return field(TYPE.double, bytes);
  }
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return field(TYPE.uint16, bytes);
}

function field(type: number, bytes: Buffer): Buffer {
  return Buffer.concat([control(type, bytes.length), bytes]);
}

/** Three bits of type, or none and the type in the next byte; five of length. */
function control(type: number, length: number): Buffer {
  const [size, more] = length < 29 ? [length, []] : [29, [length - 29]];
  return Buffer.from(type > 7 ? [size, type - 7, ...more] : [(type << 5) | size, ...more]);
}
