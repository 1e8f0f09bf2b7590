import type { KvKeyGetOutput } from '../../../../contract/types.gen.ts';
import type { Address } from '../address.ts';
import { readAddress } from '../address.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import type { Caller } from '../item-commands.ts';
import { openCaller, PLACE_SETTINGS, takeArgs } from '../item-commands.ts';

interface Moved {
  revision: number;
}

/** `kvflow mv` */
export const mvCommand: Command = {
  usage: 'mv <bucket/key> <bucket/key>',
  summary: 'renames an item, or moves it to another bucket, and prints its new revision',
  help: [
    'Within a bucket it is one commit. To another bucket the item is copied and then deleted, unless it was written meanwhile:',
    'then both stay, and the exit code is 4.',
    '',
    '  --overwrite         replace an item that is there; exit code 4 without it',
    '  --json              print the answer as JSON',
  ].join('\n'),
  options: { overwrite: { type: 'boolean' }, json: { type: 'boolean' } },
  settings: [...PLACE_SETTINGS],
  run: async call => {
    const { flags, io } = call;
    const [from = '', to = ''] = takeArgs(call.args, mvCommand.usage, { least: 2 });
    const source = readAddress(from);
    const target = readAddress(to);
    const overwrite = flags.overwrite === true;
    await using caller = await openCaller(call);
    const moved =
      source.bucket === target.bucket
        ? await caller.call<Moved>('kv-key-rename', { ...source, to: target.key, overwrite })
        : await moveAcross(caller, source, { ...target, overwrite });
    io.print(flags.json ? JSON.stringify(moved) : String(moved.revision));
    return EXIT.ok;
  },
};

/** The revision is read first: the delete is refused where what was copied is not what is deleted. */
async function moveAcross(
  caller: Caller,
  source: Address,
  { bucket, key, overwrite }: Address & { overwrite: boolean },
): Promise<Moved> {
  const { revision } = await caller.call<KvKeyGetOutput>('kv-key-get', { ...source });
  const copy = await caller.call<Moved>('kv-key-copy', { ...source, to: key, to_bucket: bucket, overwrite });
  await caller.call('kv-key-delete', { ...source, expected_revision: revision });
  return copy;
}
