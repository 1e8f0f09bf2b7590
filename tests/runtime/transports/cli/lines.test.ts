import { Readable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { linesOf } from '../../../../runtime/transports/cli/lines.ts';

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
  expect(texts.filter(text => text.length > PIPE_BYTES).map(text => text.length)).toEqual([200_000]);
});
