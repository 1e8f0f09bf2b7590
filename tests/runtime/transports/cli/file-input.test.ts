import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readBytes } from '../../../../runtime/core/free-bytes.ts';
import { giveBack, readOpenFile } from '../../../../runtime/transports/cli/file-input.ts';

test('file input - a file is read whole, in memory that was given back and that nobody reads any more', async () => {
  await using folder = await folderOf(Array.from({ length: 200_000 }, (_, at) => at).join('\n'));
  await using file = await open(folder.path);
  const seen = new Map<ArrayBufferLike, number>();
  const texts: string[] = [];
  let first: ArrayBufferLike | undefined;
  for await (const chunk of readOpenFile(file.fd) as AsyncIterable<Buffer>) {
    seen.set(chunk.buffer, (seen.get(chunk.buffer) ?? 0) + 1);
    texts.push(chunk.toString());
    // The first is still on its way to somebody.
    if (!first) readBytes(chunk);
    first ??= chunk.buffer;
    giveBack(chunk.buffer);
  }
  expect(texts.join('')).toBe(folder.text);
  expect(texts.length).toBeGreaterThan(4);
  expect(seen.get(first as ArrayBufferLike)).toBe(1);
  expect(Math.max(...seen.values())).toBeGreaterThan(1);
});

test('file input - what cannot be read is an error of the stream', async () => {
  const read = async () => {
    for await (const _ of readOpenFile(-1)) throw new Error('never');
  };
  await expect(read()).rejects.toThrow();
});

async function folderOf(text: string) {
  const folder = await mkdtemp(join(tmpdir(), 'kvflow-test-'));
  const path = join(folder, 'in.ndjson');
  await writeFile(path, text);
  return { text, path, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}
