import { Readable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { runCli } from '../../../../runtime/transports/cli/cli.ts';
import type { CliHost } from '../../../../runtime/transports/cli/host.ts';
import type { Io } from '../../../../runtime/transports/cli/io.ts';
import { startKvflow } from '../../../support/kvflow.ts';

test('export and import - show how far they are on a terminal, and nowhere else', async () => {
  await using k = await startKvflow();
  const session = { invoke: k.invoke, [Symbol.asyncDispose]: async () => undefined };
  const host = { connect: async () => session } as unknown as CliHost;
  await k.call('kv-bucket-create', { bucket: 'b' });
  await k.call('kv-key-put', { bucket: 'b', key: 'a', value: '1' });
  const run = async (argv: string[], stdin: string, terminal: boolean) => {
    const shown: string[] = [];
    const written: string[] = [];
    const io: Io = {
      print: line => void written.push(line),
      write: async text => void written.push(text),
      tell: () => undefined,
      overwrite: terminal ? line => void shown.push(line) : undefined,
      stdin: Readable.from([stdin]),
      env: {},
    };
    expect(await runCli(argv, host, io)).toBe(0);
    return { shown, text: written.join('') };
  };
  const exported = await run(['export', 'b'], '', true);
  expect(exported.shown).toEqual(['1 items exported, up to sequence 1', '']);
  const imported = await run(['import', 'b'], exported.text, true);
  expect(imported.shown).toEqual(['0 items imported, 1 skipped, 0 expired, 0 failed (3 lines)', '']);
  expect((await run(['export', 'b'], '', false)).shown).toEqual([]);
});
