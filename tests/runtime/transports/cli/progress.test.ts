import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { runCli } from '../../../../runtime/transports/cli/cli.ts';
import type { CliHost } from '../../../../runtime/transports/cli/host.ts';
import type { Io } from '../../../../runtime/transports/cli/io.ts';
import type { TestKvflow } from '../../../support/kvflow.ts';
import { startKvflow } from '../../../support/kvflow.ts';
import { tempDir } from '../../../support/temp-dir.ts';

/** Runs commands on a kvflow, on a terminal or not. */
function runnerOf(k: TestKvflow) {
  const session = { invoke: k.invoke, [Symbol.asyncDispose]: async () => undefined };
  const host = { connect: async () => session, connectScript: async () => session } as unknown as CliHost;
  return async (argv: string[], stdin: string, terminal: boolean) => {
    const shown: string[] = [];
    const written: string[] = [];
    const io: Io = {
      print: line => void written.push(line),
      write: async text => void written.push(String(text)),
      tell: () => undefined,
      overwrite: terminal ? line => void shown.push(line) : undefined,
      stdin: Readable.from([stdin]),
      env: {},
    };
    expect(await runCli(argv, host, io)).toBe(0);
    return { shown, text: written.join('') };
  };
}

test('export and import - show how far they are on a terminal, and nowhere else', async () => {
  await using k = await startKvflow();
  await k.call('kv-bucket-create', { bucket: 'b' });
  await k.call('kv-key-put', { bucket: 'b', key: 'a', value: '1' });
  const run = runnerOf(k);
  const exported = await run(['export', 'b'], '', true);
  expect(exported.shown).toEqual(['1 items exported, up to sequence 1', '']);
  const imported = await run(['import', 'b'], exported.text, true);
  expect(imported.shown).toEqual(['0 items imported, 1 skipped, 0 expired, 0 failed (3 lines)', '']);
  expect((await run(['export', 'b'], '', false)).shown).toEqual([]);
});

test('transform - shows how far it is on a terminal, and nowhere else', async () => {
  await using k = await startKvflow();
  const run = runnerOf(k);
  await using folder = await tempDir();
  const script = join(folder.path, 'script.js');
  await writeFile(script, 'return $');
  const stdin = '{"n":1}\n'.repeat(501);
  const { shown, text } = await run(['transform', script], stdin, true);
  expect(shown.at(0)).toBe('50 events read, 50 written, 0 failed');
  expect(shown.at(-1)).toBe('');
  expect(text).toBe(stdin);
  expect((await run(['transform', script], stdin, false)).shown).toEqual([]);
});
