import { isUtf8 } from 'node:buffer';
import { expect, test } from '@jest/globals';
import { type BlockRecord, readBlock, readBlockList } from '../../../runtime/sandbox/host/block-record.ts';
import { DEFAULT_LIMITS } from '../../../runtime/sandbox/host/limits.ts';
import { createRandom, type Random } from '../../support/random.ts';
import { seedOf } from '../../support/seed.ts';

const ROUNDS = 8_000;
const PIECES = [
  ...'{}[],:"\\ \n\r\t\0a1é日😀\u007f\u001f\u2028',
  ...[
    '\\"',
    '\\\\',
    '\\u00e9',
    '\\u12',
    '-0',
    '1.5E+7',
    '1e400',
    'true',
    'null',
    '{}',
    '},{',
    '"]',
    '"k":',
    '"a":1',
  ],
];

/** A block's list, or lines, with what its call is asked to spend for it. */
function read(events: object[], asList: boolean) {
  const spent: number[] = [];
  const size = events.length;
  const spend = (bytes: number) => void spent.push(bytes);
  const options = { limits: DEFAULT_LIMITS, size, spend };
  const lines = events.map(event => `${JSON.stringify(event)}\n`).join('');
  const record = asList
    ? readBlockList([], Buffer.from(JSON.stringify(events)), options)
    : readBlock([1, 4, [lines], []], options);
  return { record, spent };
}

test('block - a list costs its call what the same lines cost, whatever their characters', () => {
  const events = [{ a: '日本'.repeat(100) }, { a: '😀é' }, { a: 'a' }];
  expect(read(events, true)).toEqual(read(events, false));
  expect(read(events, true).spent).toHaveLength(1);
});

/** As bytes it is the same, unless they are no UTF-8: nobody looks at them any more. */
function asBytesOf(record: unknown, sent: Buffer): unknown {
  if (record === 'split' || !isUtf8(sent)) return 'split';
  const { text, counts } = record as BlockRecord;
  return { text: '', counts, bytes: Buffer.from(text) };
}

test('block - what is no list of objects costs nothing: its events are run again', () => {
  expect(read([{ a: 1 }, [1]], true)).toEqual({ record: 'split', spent: [] });
});

test('block - a list with bytes that are changed by chance is taken where it is JSON of so many objects', () => {
  const seed = seedOf('KVFLOW_FUZZ_SEED');
  const random = createRandom(seed);
  const taken = { changed: 0, not: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    const events = Array.from({ length: random.below(5) }, () => anyObject(random, 3));
    const sent = Buffer.from(JSON.stringify(events));
    const bytes = random.chance(0.7) ? changed(sent, random) : sent;
    const text = bytes.toString();
    const found = objectsOf(text);
    const counts = [found?.length ?? events.length];
    const options = { limits: DEFAULT_LIMITS, size: 1, spend: () => undefined };
    const record = readBlockList(counts, anywhere(bytes, random), options);
    const asBytes = readBlockList(counts, anywhere(bytes, random), { ...options, asBytes: true });
    const where = `KVFLOW_FUZZ_SEED=${seed}, round ${round}: ${text}`;
    expect([where, asBytes]).toEqual([where, asBytesOf(record, bytes)]);
    if (record === 'split') {
      // What is JSON beside that, as one with spaces, is never sent; a list of nothing is sent as nothing.
      if (bytes === sent && events.length > 0) throw new Error(`${where} was not taken`);
      continue;
    }
    taken[bytes === sent ? 'not' : 'changed']++;
    const lines = (record as BlockRecord).text.split('\n').slice(0, -1);
    expect([where, lines.map(line => JSON.parse(line))]).toEqual([where, found]);
  }
  expect(Math.min(...Object.values(taken))).toBeGreaterThan(ROUNDS / 10);
});

function objectsOf(text: string): object[] | undefined {
  if (text === '') return [];
  try {
    const list: unknown = JSON.parse(text);
    const isObject = (item: unknown) => typeof item === 'object' && item !== null && !Array.isArray(item);
    return Array.isArray(list) && list.every(isObject) ? list : undefined;
  } catch {
    return undefined;
  }
}

function anyObject(random: Random, depth: number): object {
  const names = Array.from({ length: random.below(4) }, (_, at) => `${anyText(random)}${at}`);
  return Object.fromEntries(names.map(name => [name, anyValue(random, depth)]));
}

function anyValue(random: Random, depth: number): unknown {
  const kind = random.below(depth > 0 ? 6 : 4);
  if (kind < 2) return anyText(random);
  if (kind < 4) return random.pick([0, -0.5e-7, 12_345, true, null]);
  if (kind === 4) return anyObject(random, depth - 1);
  return Array.from({ length: random.below(4) }, () => anyValue(random, depth - 1));
}

function anyText(random: Random): string {
  return Array.from({ length: random.below(6) }, () => random.pick(PIECES)).join('');
}

/** A piece more, some bytes less, one in the place of others, or a byte that is another. */
function changed(bytes: Buffer, random: Random): Buffer {
  const at = random.below(bytes.length);
  const piece = random.chance(0.2) ? Buffer.from([random.below(256)]) : Buffer.from(random.pick(PIECES));
  const less = random.pick([0, 1, piece.length]);
  const more = random.chance(0.8) ? piece : Buffer.alloc(0);
  return Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at + less)]);
}

/** The same bytes at any place of memory, others around them. */
function anywhere(bytes: Buffer, random: Random): Buffer {
  const from = random.below(4);
  const all = Buffer.alloc(from + bytes.length + 4, random.pick(['"', ']', '}', '\\']));
  bytes.copy(all, from);
  return all.subarray(from, from + bytes.length);
}
