import type { KvKeyDeleteOutput, KvKeyPurgeOutput } from '../../../../contract/types.gen.ts';
import { readAddress } from '../address.ts';
import type { Command } from '../command.ts';
import { EXIT, usageError } from '../exit-codes.ts';
import { openCaller, PLACE_SETTINGS, takeArgs, wholeFlag } from '../item-commands.ts';

/** `kvflow rm` */
export const rmCommand: Command = {
  usage: 'rm <bucket/key> ...',
  summary: 'deletes items; exit code 3 when one was not there',
  help: [
    '  --force             what is not there is no failure',
    '  --purge             remove the history too',
    '  --revision N        only if this is the current revision; exit code 4 where it is not',
    '  --json              print one JSON answer a line',
  ].join('\n'),
  options: {
    force: { type: 'boolean', short: 'f' },
    purge: { type: 'boolean' },
    revision: { type: 'string' },
    json: { type: 'boolean' },
  },
  settings: [...PLACE_SETTINGS],
  run: async call => {
    const { io, flags } = call;
    const addresses = takeArgs(call.args, rmCommand.usage, { most: Number.POSITIVE_INFINITY }).map(
      readAddress,
    );
    const revision = wholeFlag(flags, 'revision');
    if (revision !== undefined && (addresses.length > 1 || flags.purge))
      throw usageError('--revision goes with one key, and not with --purge');
    await using caller = await openCaller(call);
    const missing: string[] = [];
    for (const address of addresses) {
      const input = { ...address, ...(revision !== undefined && { expected_revision: revision }) };
      const name = flags.purge ? 'kv-key-purge' : 'kv-key-delete';
      const answer = await caller.call<Partial<KvKeyDeleteOutput & KvKeyPurgeOutput>>(name, input);
      if (flags.json) io.print(JSON.stringify(answer));
      if (answer.deleted === false || answer.matched === 0) missing.push(`${address.bucket}/${address.key}`);
    }
    if (missing.length === 0 || flags.force) return EXIT.ok;
    io.tell(`kvflow: not there: ${missing.join(', ')}`);
    return EXIT.notFound;
  },
};
