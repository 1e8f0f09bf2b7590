/** Lines of files as the dashboard reads and writes them, without a browser. */
import { expect, test } from '@jest/globals';
import { linesOf } from '../../dashboard/src/pages/bulk/lines.ts';
import { parseLine } from '../../dashboard/src/pages/bulk/parse-line.ts';
import { asLines, valueEvents } from '../../dashboard/src/pages/live/captured.ts';

/** The lines of a file that is read in these pieces. */
async function read(...pieces: (string | number[])[]): Promise<[string, boolean][]> {
  const chunks = pieces.map(piece => new Uint8Array(Buffer.from(piece as string)));
  const file = { stream: () => ReadableStream.from(chunks) } as unknown as Blob;
  const lines: [string, boolean][] = [];
  for await (const some of linesOf(file)) for (const { text, readable } of some) lines.push([text, readable]);
  return lines;
}

test('lines - ends of each kind, a mark at the beginning, and a last line without an end', async () => {
  expect(await read('\ufeffa\r\nb\n\nc')).toEqual([
    ['a', true],
    ['b', true],
    ['', true],
    ['c', true],
  ]);
  expect(await read('')).toEqual([]);
  expect(await read('a\n')).toEqual([['a', true]]);
});

test('lines - a character that comes in pieces is one, and bytes that are none spoil their own line alone', async () => {
  expect(await read([0x61, 0xe2], [0x82], [0xac, 0x0a, 0xff, 0x0a, 0x62])).toEqual([
    ['a€', true],
    ['\ufffd', false],
    ['b', true],
  ]);
});

test('lines - a line is a record whose numbers keep their digits, or says what is wrong with it', () => {
  const parse = (text: string) => parseLine({ text, readable: true });
  expect(JSON.stringify(parse('{"key":"k","value":{"id":9007199254740993,"p":1.10}}'))).toBe(
    '{"kind":"record","record":{"key":"k","value":{"id":9007199254740993,"p":1.10}}}',
  );
  expect(parse('{"key":"k","value":9007199254740993}')).toMatchObject({ kind: 'fault' });
  expect(parse('{"key":"k","value":"x","expires_at":1.10}')).toMatchObject({ kind: 'fault' });
  expect(parse('{"kvflow_export":1,"bucket":1.10}')).toMatchObject({
    kind: 'header',
    header: { bucket: '' },
  });
  expect(parse('{"end":true,"records":1.0}')).toEqual({ kind: 'end' });
  expect(parseLine({ text: '{"key":"k","value":"x"}', readable: false })).toMatchObject({ kind: 'fault' });
});

test('lines - what Live captured keeps the digits of its numbers, as lines and as events for a script', () => {
  const value = '{"id":9007199254740993,"p":1.10}';
  const row = { bucket: 'b', key: 'k', revision: 1, operation: 'put', value } as Parameters<
    typeof asLines
  >[0][number];
  expect(asLines([row])).toContain(`"value":${value}`);
  expect(JSON.stringify(valueEvents([row]))).toBe(`[${value}]`);
});
