import type { Command } from '../command.ts';
import { EXIT, usageError } from '../exit-codes.ts';

/** `kvflow doctor` */
export const doctorCommand: Command = {
  usage: 'doctor',
  summary: 'looks for what buckets have lost in the snapshots of the data directory, and puts it back',
  help: [
    'A bucket that came back with less than it had is found by kvflow start and kvflow check. Keys that were written since stay as',
    'they are.',
    '',
    '  --repair            put back what the newest snapshots have',
    '  --accept            what is lost is lost: say it no more',
  ].join('\n'),
  options: { repair: { type: 'boolean' }, accept: { type: 'boolean' } },
  settings: ['data-dir', 'config'],
  run: async ({ args, flags, settings, host, io }) => {
    const [repair, accept] = [flags.repair === true, flags.accept === true];
    if (args.length > 0 || (repair && accept)) throw usageError('Usage: kvflow doctor [--repair | --accept]');
    let failed = 0;
    const options = { repair, accept, onProgress: (line: string) => io.tell(line) };
    for await (const { what, ok, detail } of host.doctor(settings, options)) {
      if (!ok) failed += 1;
      io.print(`${ok ? 'ok  ' : 'FAIL'}  ${what.padEnd(16)}  ${detail}`);
    }
    return failed === 0 ? EXIT.ok : EXIT.failed;
  },
};
