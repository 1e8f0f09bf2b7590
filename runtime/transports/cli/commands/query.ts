import type { WarehouseQueryOutput } from '../../../../contract/types.gen.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { table } from '../io.ts';
import { onOneLine, openCaller, PLACE_SETTINGS, takeArgs, viaFlag, wholeFlag } from '../item-commands.ts';

/** `kvflow query` */
export const queryCommand: Command = {
  usage: "query <destination> 'select ...'",
  summary: 'reads a warehouse that allows it, and prints the rows as a table',
  help: [
    "The embedded warehouse allows it: kvflow query embedded 'select * from events'. Others need query: true in kvflow.yaml.",
    'Nothing can be changed by it.',
    '',
    '  --rows N            at most so many rows, 1000 at most; 100 when left out',
    '  --json              print the answer as JSON',
    '  --via nats          let a kvflow that serves on this NATS run it, instead of this command',
  ].join('\n'),
  options: { rows: { type: 'string' }, json: { type: 'boolean' }, via: { type: 'string' } },
  settings: [...PLACE_SETTINGS],
  run: async call => {
    const { io, flags } = call;
    const [destination, sql] = takeArgs(call.args, queryCommand.usage, { least: 2 });
    const via = viaFlag(flags);
    const rows = wholeFlag(flags, 'rows');
    const input = { destination, sql, ...(rows !== undefined && { rows }) };
    await using caller = await openCaller(call, via);
    const found = await caller.call<WarehouseQueryOutput>('warehouse-query', input);
    if (flags.json) io.print(JSON.stringify(found));
    else {
      for (const line of table([found.columns.map(onOneLine), ...found.rows.map(row => row.map(shown))]))
        io.print(line);
      if (found.truncated)
        io.tell(`There are more rows: these are the first ${found.rows.length}. See: --rows`);
    }
    return EXIT.ok;
  },
};

function shown(value: string | number | boolean | null): string {
  return value === null ? '' : onOneLine(String(value));
}
