import type { KvKeyCopyOutput } from '../../../../contract/types.gen.ts';
import { readAddress } from '../address.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { openCaller, PLACE_SETTINGS, takeArgs } from '../item-commands.ts';

/** `kvflow cp` */
export const cpCommand: Command = {
  usage: 'cp <bucket/key> <bucket/key>',
  summary: 'copies an item, within a bucket or to another, and prints the revision of the copy',
  help: [
    '  --overwrite         replace an item that is there; exit code 4 without it',
    '  --json              print the answer as JSON',
  ].join('\n'),
  options: { overwrite: { type: 'boolean' }, json: { type: 'boolean' } },
  settings: [...PLACE_SETTINGS],
  run: async call => {
    const { flags, io } = call;
    const [from = '', to = ''] = takeArgs(call.args, cpCommand.usage, { least: 2 });
    const source = readAddress(from);
    const target = readAddress(to);
    await using caller = await openCaller(call);
    const copy = await caller.call<KvKeyCopyOutput>('kv-key-copy', {
      ...source,
      to: target.key,
      to_bucket: target.bucket,
      overwrite: flags.overwrite === true,
    });
    io.print(flags.json ? JSON.stringify(copy) : String(copy.revision));
    return EXIT.ok;
  },
};
