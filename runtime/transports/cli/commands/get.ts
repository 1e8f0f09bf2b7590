import type { KvKeyGetOutput } from '../../../../contract/types.gen.ts';
import { readAddress } from '../address.ts';
import { toBytes } from '../bytes-input.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { openCaller, PLACE_SETTINGS, takeArgs, wholeFlag } from '../item-commands.ts';

/** `kvflow get` */
export const getCommand: Command = {
  usage: 'get <bucket/key>',
  summary: 'writes a value to standard output, byte for byte',
  help: [
    'On a terminal a line break follows a value that has none at its end.',
    '',
    '  --revision N        an older revision, where the history of the bucket has it',
    '  --json              print the whole answer as JSON: value, revision, times',
  ].join('\n'),
  options: { revision: { type: 'string' }, json: { type: 'boolean' } },
  settings: [...PLACE_SETTINGS],
  run: async call => {
    const [address = ''] = takeArgs(call.args, getCommand.usage);
    const { io, flags } = call;
    const revision = wholeFlag(flags, 'revision');
    const input = { ...readAddress(address), ...(revision !== undefined && { revision }) };
    await using caller = await openCaller(call);
    const found = await caller.call<KvKeyGetOutput>('kv-key-get', input);
    if (flags.json) io.print(JSON.stringify(found));
    else {
      const bytes = toBytes(found);
      await io.write(bytes);
      if (io.isTerminal && bytes.at(-1) !== 0x0a) await io.write('\n');
    }
    return EXIT.ok;
  },
};
