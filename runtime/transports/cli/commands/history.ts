import type { KvKeyHistoryOutput } from '../../../../contract/types.gen.ts';
import { readAddress } from '../address.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { table } from '../io.ts';
import { onOneLine, openCaller, PLACE_SETTINGS, takeArgs } from '../item-commands.ts';

/** Characters of a value that the table shows. */
const SHOWN = 60;

/** `kvflow history` */
export const historyCommand: Command = {
  usage: 'history <bucket/key>',
  summary: 'shows the revisions of a key that are kept, oldest first',
  help: [
    'Values are cut on their line; kvflow get --revision N has the whole one.',
    '',
    '  --json              print one JSON object a line, with whole values',
  ].join('\n'),
  options: { json: { type: 'boolean' } },
  settings: [...PLACE_SETTINGS],
  run: async call => {
    const [address = ''] = takeArgs(call.args, historyCommand.usage);
    const target = readAddress(address);
    await using caller = await openCaller(call);
    const { items } = await caller.call<KvKeyHistoryOutput>('kv-key-history', target);
    const lines = call.flags.json ? items.map(item => JSON.stringify(item)) : table(items.map(row));
    for (const line of lines) call.io.print(line);
    return EXIT.ok;
  },
};

function row(item: KvKeyHistoryOutput['items'][number]): string[] {
  return [String(item.revision), item.created_at, item.operation, onOneLine(shortened(item))];
}

function shortened({ value = '', encoding }: { value?: string; encoding?: string }): string {
  if (encoding) return `(${Buffer.from(value, 'base64').length} bytes that are no text)`;
  const characters = [...value];
  return characters.length > SHOWN ? `${characters.slice(0, SHOWN - 1).join('')}…` : value;
}
