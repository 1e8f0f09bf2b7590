import type { Readable } from 'node:stream';
import { invalidField, PackError } from '../../../../contract/errors.ts';
import type { ImportProgress, ImportTarget } from '../../../core/bulk-import.ts';
import { importLines } from '../../../core/bulk-import.ts';
import type { Command, Flags } from '../command.ts';
import { textFlag } from '../command.ts';
import { EXIT, usageError } from '../exit-codes.ts';
import { PLACE_SETTINGS } from '../item-commands.ts';
import { linesOf, NO_UTF8 } from '../lines.ts';
import { createProgress } from '../progress.ts';

/** `kvflow import` */
export const importCommand: Command = {
  usage: 'import <bucket>',
  summary: 'stores the lines of an export from standard input in a bucket',
  help: [
    'An import that broke off goes on when it is run again: what is there already is skipped.',
    '',
    '  --create                 make the bucket with the options of the export, if it is not there',
    '  --on-conflict WHAT       skip (the default), overwrite or fail, for keys that are there already',
  ].join('\n'),
  options: { create: { type: 'boolean' }, 'on-conflict': { type: 'string' } },
  settings: [...PLACE_SETTINGS],
  run: async ({ args, flags, settings, host, io }) => {
    const [bucket, ...more] = args;
    if (!bucket || more.length > 0) throw usageError(`Usage: kvflow ${importCommand.usage} < FILE`);
    const target = { bucket, create: flags.create === true, on_conflict: onConflict(flags) };
    await using session = await host.connect(settings, { onProgress: line => io.tell(line) });
    const lines = textLines(io.stdin);
    const progress = createProgress(io);
    const done = await importLines(session.invoke, lines, target, now => progress.show(text(now))).catch(
      error => cutShort(error, target),
    );
    progress.done();
    if (done instanceof PackError) {
      io.tell(`kvflow: ${done.message}`);
      return EXIT.failed;
    }
    io.tell(`${text(done)}.`);
    for (const { line, key, error } of done.failed)
      io.tell(`  line ${line}, key ${key}: ${JSON.stringify(error)}`);
    return done.failed.length > 0 ? EXIT.failed : EXIT.ok;
  },
};

/** Bytes that are no UTF-8 would be stored as other characters. */
async function* textLines(stdin: Readable): AsyncGenerator<string> {
  let read = 0;
  for await (const lines of linesOf(stdin, new AbortController().signal)) {
    for (const line of lines.split('\n')) {
      read += 1;
      if (line === NO_UTF8)
        throw invalidField('', `line ${read} is not UTF-8 text; export writes such bytes as base64`);
      yield line;
    }
  }
}

/** A file that was cut or altered is no fault of the command line, and a bucket that is not there can be made here. */
function cutShort(error: unknown, { bucket, create }: ImportTarget): PackError {
  if (error instanceof PackError && error.code === 'BUCKET_NOT_FOUND')
    throw new PackError(
      error.code,
      create
        ? `There is no bucket "${bucket}", and no line with the options of an export to make it by. Make it with kv-bucket-create.`
        : `There is no bucket "${bucket}". Give --create to make it as the export says.`,
    );
  if (error instanceof PackError && error.details.imported !== undefined && error.code === 'INVALID_INPUT')
    return error;
  throw error;
}

function onConflict(flags: Flags): NonNullable<ImportTarget['on_conflict']> {
  const what = textFlag(flags, 'on-conflict') ?? 'skip';
  if (what === 'skip' || what === 'overwrite' || what === 'fail') return what;
  throw usageError(`--on-conflict is "${what}": must be skip, overwrite or fail`);
}

function text({ lines, imported, skipped, expired, failed }: ImportProgress): string {
  return `${imported} items imported, ${skipped} skipped, ${expired} expired, ${failed.length} failed (${lines} lines)`;
}
