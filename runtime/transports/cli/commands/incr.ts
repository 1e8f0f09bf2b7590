import type { KvKeyIncrementOutput } from '../../../../contract/types.gen.ts';
import { readAddress } from '../address.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import {
  durationFlag,
  openCaller,
  PLACE_SETTINGS,
  takeArgs,
  wholeFlag,
  wholeNumber,
} from '../item-commands.ts';

/** `kvflow incr` */
export const incrCommand: Command = {
  usage: 'incr <bucket/key> [by]',
  summary: 'adds to a counter, 1 when nothing else is said, and prints it',
  help: [
    'To subtract: kvflow incr stock/apples -5',
    '',
    '  --initial N         where a counter that does not exist begins (0)',
    '  --min N, --max N    a step beyond is not taken; exit code 4',
    '  --ttl TIME          a new counter ends after 30s, 30m, 12h, 7d; the bucket must allow it',
    '  --json              print the answer as JSON',
  ].join('\n'),
  options: {
    initial: { type: 'string' },
    min: { type: 'string' },
    max: { type: 'string' },
    ttl: { type: 'string' },
    json: { type: 'boolean' },
  },
  settings: [...PLACE_SETTINGS],
  run: async call => {
    const { flags, io } = call;
    const [address = '', by] = takeArgs(call.args, incrCommand.usage, { most: 2 });
    const ttl = durationFlag(flags, 'ttl');
    const bounds = ['initial', 'min', 'max'].flatMap(name => {
      const value = wholeFlag(flags, name);
      return value === undefined ? [] : [[name, value] as const];
    });
    const input = {
      ...readAddress(address),
      ...Object.fromEntries(bounds),
      ...(by !== undefined && { by: wholeNumber(by, 'What to add') }),
      ...(ttl !== undefined && { ttl }),
    };
    await using caller = await openCaller(call);
    const counter = await caller.call<KvKeyIncrementOutput>('kv-key-increment', input);
    io.print(flags.json ? JSON.stringify(counter) : String(counter.value));
    return counter.applied ? EXIT.ok : EXIT.conflict;
  },
};
