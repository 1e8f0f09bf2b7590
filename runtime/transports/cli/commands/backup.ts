import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Command } from '../command.ts';
import { EXIT, usageError } from '../exit-codes.ts';
import { PLACE_SETTINGS, takeArgs } from '../item-commands.ts';
import { createProgress } from '../progress.ts';

/** `kvflow backup` */
export const backupCommand: Command = {
  usage: 'backup <bucket> <file>',
  summary: 'writes a bucket as it is at one moment, with its history, to a file',
  help: [
    'Revisions, times, ttls and past values are in it. Where the bucket is written to, its writes wait for the moment, mostly less',
    'than a second; other NATS clients get no responders meanwhile. The file takes its name once it is whole.',
  ].join('\n'),
  options: {},
  settings: [...PLACE_SETTINGS],
  run: async ({ args, settings, host, io }) => {
    const [bucket = '', file = ''] = takeArgs(args, backupCommand.usage, { least: 2 });
    await requireFile(file);
    await using session = await host.connect(settings, { onProgress: line => io.tell(line) });
    const progress = createProgress(io);
    const partial = `${file}.partial`;
    let bytes = 0;
    const counted = async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        yield chunk;
        bytes += chunk.length;
        progress.show(`${bytes} bytes written`);
      }
    };
    try {
      const out = createWriteStream(partial, { mode: 0o600, flush: true });
      await pipeline(Readable.from(counted(session.backup(bucket))), out);
      await rename(partial, file);
    } catch (error) {
      await rm(partial, { force: true });
      throw error;
    }
    progress.done();
    io.tell(`Bucket "${bucket}" is in ${file} (${bytes} bytes).`);
    return EXIT.ok;
  },
};

/** The backup takes the place of what has its name: of a file alone, never of a folder, a device or standard output. */
async function requireFile(file: string): Promise<void> {
  const there = await stat(file).catch(() => undefined);
  if (file === '-' || (there && !there.isFile()))
    throw usageError(`${file} is no file, and a backup is one: name another`);
  const folder = await stat(dirname(file)).catch(() => undefined);
  if (!folder?.isDirectory())
    throw usageError(`There is no folder ${dirname(file)}: make it, or name another`);
}
