import type { WarehouseQueryOutput } from '../../../../contract/types.gen.ts';
import { isFailure } from '../../../core/envelope.ts';
import type { Command } from '../command.ts';
import { textFlag } from '../command.ts';
import { EXIT, exitCode, usageError } from '../exit-codes.ts';
import { table } from '../io.ts';
import { PLACE_SETTINGS } from '../item-commands.ts';

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
  run: async ({ args, flags, settings, host, io }) => {
    const [destination, sql, ...more] = args;
    if (!destination || !sql || more.length > 0) throw usageError(`Usage: kvflow ${queryCommand.usage}`);
    const via = textFlag(flags, 'via') ?? 'here';
    if (via !== 'here' && via !== 'nats') throw usageError(`--via is "${via}": must be nats, or left out`);
    const rows = textFlag(flags, 'rows');
    const input = { destination, sql, ...(rows !== undefined && { rows: Number(rows) }) };
    await using session = await host.connect(settings, { onProgress: line => io.tell(line) }, via);
    const envelope = await session.invoke('warehouse-query', input, {});
    if (isFailure(envelope)) {
      io.tell(`${envelope.error.code}: ${envelope.error.message}`);
      return exitCode({ code: envelope.error.code, status: envelope.status_code });
    }
    const found = envelope.data as WarehouseQueryOutput;
    if (flags.json) io.print(JSON.stringify(found));
    else {
      for (const line of table([found.columns, ...found.rows.map(row => row.map(shown))])) io.print(line);
      if (found.truncated)
        io.tell(`There are more rows: these are the first ${found.rows.length}. See: --rows`);
    }
    return EXIT.ok;
  },
};

/** Control characters would move the table, or the terminal. */
function shown(value: string | number | boolean | null): string {
  if (value === null) return '';
  return String(value).replace(/\p{Cc}/gu, character => JSON.stringify(character).slice(1, -1));
}
