import { open } from 'node:fs/promises';
import { PackError } from '../../../../contract/errors.ts';
import type { Command } from '../command.ts';
import { EXIT, usageError } from '../exit-codes.ts';
import { PLACE_SETTINGS, takeArgs, wholeFlag } from '../item-commands.ts';

/** `kvflow restore` */
export const restoreCommand: Command = {
  usage: 'restore <file> [bucket]',
  summary: 'makes a bucket of a backup, under the name it had or another',
  help: [
    'There must be no bucket of the name. A file that was cut or altered restores nothing; exit code 1.',
    '',
    '  --replicas N        in place of as many as the bucket had, such as 1 on a single server',
  ].join('\n'),
  options: { replicas: { type: 'string' } },
  settings: [...PLACE_SETTINGS],
  run: async ({ args, flags, settings, host, io }) => {
    const [file = '', bucket] = takeArgs(args, restoreCommand.usage, { least: 1, most: 2 });
    const replicas = wholeFlag(flags, 'replicas');
    await using opened = await open(file).catch((error: NodeJS.ErrnoException) => {
      throw usageError(`The backup ${file} cannot be read (${error.code}).`);
    });
    if ((await opened.stat()).isDirectory())
      throw usageError(`${file} is a folder, and a backup is a file: name one`);
    await using session = await host.connect(settings, { onProgress: line => io.tell(line) });
    try {
      const done = await session.restore(opened.createReadStream({ autoClose: false }), { bucket, replicas });
      io.tell(`Bucket "${done.bucket}" is what "${done.of}" was at ${done.at}: ${done.messages} messages.`);
      return EXIT.ok;
    } catch (error) {
      // A file that was cut or altered is no fault of the command line.
      if (!(error instanceof PackError) || error.details.bytes_read === undefined) throw error;
      io.tell(`kvflow: ${error.message}`);
      return EXIT.failed;
    }
  },
};
