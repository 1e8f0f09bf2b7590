import type { KvKeyPutOutput } from '../../../../contract/types.gen.ts';
import { readAddress } from '../address.ts';
import { readBytes, toValue } from '../bytes-input.ts';
import type { Command } from '../command.ts';
import { EXIT, usageError } from '../exit-codes.ts';
import { durationFlag, openCaller, PLACE_SETTINGS, takeArgs, wholeFlag } from '../item-commands.ts';

/** `kvflow put` */
export const putCommand: Command = {
  usage: 'put <bucket/key> <value, - or @file>',
  summary: 'stores a value, byte for byte, and prints its revision',
  help: [
    'The value is the text that is given, standard input with -, or what a file holds with @FILE. Of a value that begins',
    'with a dash and is no negative number write -- before it.',
    '',
    '  --text              the value is the text that is given, also where it is - or begins with @',
    '  --ttl TIME          it expires after 30s, 30m, 12h, 7d; the bucket must allow it',
    '  --if-absent         only if the key is not there; exit code 4 where it is',
    '  --revision N        only if this is the current revision; exit code 4 where it is not',
    '  --json              print the answer as JSON',
  ].join('\n'),
  options: {
    text: { type: 'boolean' },
    ttl: { type: 'string' },
    'if-absent': { type: 'boolean' },
    revision: { type: 'string' },
    json: { type: 'boolean' },
  },
  settings: [...PLACE_SETTINGS],
  run: async call => {
    const { io, flags, args } = call;
    const [address = '', value = ''] = takeArgs(args, putCommand.usage, { least: 2 });
    const ttl = durationFlag(flags, 'ttl');
    const revision = wholeFlag(flags, 'revision');
    const expected = flags['if-absent'] ? 0 : revision;
    if (flags['if-absent'] && revision !== undefined)
      throw usageError('Give --if-absent or --revision, not both');
    const target = readAddress(address);
    const bytes = flags.text ? Buffer.from(value) : await readBytes(value, io.stdin);
    await using caller = await openCaller(call);
    const stored = await caller.call<KvKeyPutOutput>('kv-key-put', {
      ...target,
      ...toValue(bytes),
      ...(ttl !== undefined && { ttl }),
      ...(expected !== undefined && { expected_revision: expected }),
    });
    io.print(flags.json ? JSON.stringify(stored) : String(stored.revision));
    return EXIT.ok;
  },
};
