import type { KvBucketListOutput, KvKeyListOutput } from '../../../../contract/types.gen.ts';
import { readPattern } from '../address.ts';
import type { Command, CommandCall } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { table } from '../io.ts';
import type { Caller } from '../item-commands.ts';
import { onOneLine, openCaller, PLACE_SETTINGS, takeArgs } from '../item-commands.ts';

type Item = KvKeyListOutput['items'][number];

/** `kvflow ls` */
export const lsCommand: Command = {
  usage: 'ls [bucket or bucket/pattern]',
  summary: 'lists the buckets, or keys, one a line',
  help: [
    'In a pattern * stands for one token between dots, > for one or more at the end; user. is short for user.>. Keys come in',
    'the order of writing. Control characters are shown as JSON has them.',
    '',
    '  --long              with size, revision and time',
    '  --json              print one JSON object a line',
  ].join('\n'),
  options: { long: { type: 'boolean', short: 'l' }, json: { type: 'boolean' } },
  settings: [...PLACE_SETTINGS],
  run: async call => {
    const [place] = takeArgs(call.args, lsCommand.usage, { least: 0, most: 1 });
    const range = place === undefined ? undefined : readPattern(place);
    await using caller = await openCaller(call);
    if (!range) await listBuckets(caller, call);
    else {
      for await (const items of pages(caller, range)) {
        await call.io.write(lines(items, call));
        if (call.io.isClosed?.()) break;
      }
    }
    return EXIT.ok;
  },
};

async function* pages(caller: Caller, range: object): AsyncGenerator<Item[]> {
  for (let next = {}; ; ) {
    const page = await caller.call<KvKeyListOutput>('kv-key-list', {
      ...range,
      limit: 1000,
      include_values: false,
      ...next,
    });
    yield page.items;
    if (!page.has_more) return;
    next = page.cursor === undefined ? { start_seq: page.next_seq } : { cursor: page.cursor };
  }
}

function lines(items: Item[], { flags }: CommandCall): string {
  return items.map(item => `${line(item, flags.json === true, flags.long === true)}\n`).join('');
}

function line(item: Item, json: boolean, long: boolean): string {
  if (json) return JSON.stringify(item);
  const key = onOneLine(item.key);
  if (!long) return key;
  const size = String(item.size ?? '').padStart(9);
  return `${size}  ${String(item.sequence).padStart(9)}  ${item.created_at}  ${key}`;
}

async function listBuckets(caller: Caller, { flags, io }: CommandCall): Promise<void> {
  const { buckets } = await caller.call<KvBucketListOutput>('kv-bucket-list', {});
  for (const text of bucketLines(buckets, flags)) io.print(text);
}

function bucketLines(buckets: KvBucketListOutput['buckets'], flags: CommandCall['flags']): string[] {
  if (flags.json) return buckets.map(bucket => JSON.stringify(bucket));
  if (!flags.long) return buckets.map(({ bucket }) => bucket);
  const rows = buckets.map(({ bucket, values, bytes }) => [bucket, `${values} keys`, `${bytes} bytes`]);
  return table(rows);
}
