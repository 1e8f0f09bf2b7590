import { Readable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { createChunks, linesOf, rawLinesOf } from '../../../../runtime/transports/cli/lines.ts';

const PIPE_BYTES = 64 * 1024;

async function textsOf(chunks: Buffer[]): Promise<string[]> {
  const texts: string[] = [];
  for await (const text of linesOf(Readable.from(chunks), new AbortController().signal)) texts.push(text);
  return texts;
}

test('lines - what a pipe brings at once is one text, with the line that it goes on', async () => {
  const whole = `${'x'.repeat(99)}\n`.repeat(2_000);
  const bytes = Buffer.from(whole);
  const chunks = [0, 1, 2, 3].map(at => bytes.subarray(at * PIPE_BYTES, (at + 1) * PIPE_BYTES));
  const texts = await textsOf(chunks);
  expect(texts).toHaveLength(4);
  expect(`${texts.join('\n')}\n`).toBe(whole);
});

test('lines - what a file brings at once comes in texts of whole lines, a long one by itself', async () => {
  const lines = [...Array(3_000).fill('y'.repeat(50)), 'z'.repeat(200_000), 'end'];
  const texts = await textsOf([Buffer.from(lines.join('\n'))]);
  expect(texts.flatMap(text => text.split('\n'))).toEqual(lines);
  expect(texts.map(text => text.length)).toEqual([119_951, 33_047, 200_000, 3]);
});

test('lines - the memory of a large chunk is given back once all of its pieces are done, and not of others', async () => {
  const text = Array.from({ length: 30_000 }, (_, n) => `{"n":${n},"pad":"${'x'.repeat(n % 90)}"}`).join(
    '\n',
  );
  const bytes = Buffer.from(text);
  const large = [0, 1, 2].map(at => {
    const part = bytes.subarray(at * 500_000, (at + 1) * 500_000);
    const own = Buffer.allocUnsafeSlow(part.length);
    part.copy(own);
    return own;
  });
  const shared = Buffer.allocUnsafeSlow(1_000_000);
  const given = [...large, shared.subarray(0, bytes.copy(shared, 0, 1_500_000))].filter(
    ({ length }) => length,
  );
  const chunks = createChunks();
  const isGone = () => large.filter(({ length }) => length > 0).map(({ buffer }) => buffer.byteLength === 0);
  const waiting: Buffer[] = [];
  let seen = '';
  for await (const piece of rawLinesOf(Readable.from(given), new AbortController().signal, chunks)) {
    waiting.push(piece);
    const first = waiting.length > 5 ? waiting.shift() : undefined;
    if (!first) continue;
    seen += `${first}\n`;
    chunks.done(first);
  }
  const last = waiting.splice(0);
  seen += last.map(String).join('\n');
  expect(seen).toBe(text);
  for (const piece of last) chunks.done(piece);
  expect(isGone()).toEqual([]);
  expect(shared.length).toBe(1_000_000);
});

test('lines - of a line that is longer than a chunk no chunk is kept', async () => {
  const given = Array.from({ length: 64 }, (_, n) => {
    const chunk = Buffer.allocUnsafeSlow(PIPE_BYTES).fill('x');
    if (n % 16 === 15) chunk[1_000] = 0x0a;
    return chunk;
  });
  const kept = new Set<Buffer>();
  const { begin, cut, end, done } = createChunks();
  const chunks = {
    cut,
    done,
    begin: (chunk: Buffer) => {
      kept.add(chunk);
      begin(chunk);
    },
    end: (chunk: Buffer) => {
      kept.delete(chunk);
      end(chunk);
    },
  };
  const lengths: number[] = [];
  for await (const piece of rawLinesOf(Readable.from(given), new AbortController().signal, chunks)) {
    lengths.push(piece.length);
    done(piece);
  }
  expect(lengths).toEqual([
    15 * PIPE_BYTES + 1_000,
    ...Array(3).fill(16 * PIPE_BYTES - 1),
    PIPE_BYTES - 1_001,
  ]);
  expect(kept.size).toBe(0);
});
