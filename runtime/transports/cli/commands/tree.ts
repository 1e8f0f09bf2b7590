import type { KvKeyTreeOutput } from '../../../../contract/types.gen.ts';
import { readPlace } from '../address.ts';
import type { Command, CommandCall } from '../command.ts';
import { textFlag } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import type { Caller } from '../item-commands.ts';
import { onOneLine, openCaller, PLACE_SETTINGS, takeArgs, wholeFlag } from '../item-commands.ts';
import { painter } from '../paint.ts';

type Child = KvKeyTreeOutput['children'][number];

/** Keys looked at by one call. */
const PAGE = 100_000;

/** `kvflow tree` */
export const treeCommand: Command = {
  usage: 'tree <bucket or bucket/prefix>',
  summary: 'shows keys by their parts between dots, with how many are below each',
  help: [
    '  --depth N           levels to show (1)',
    '  --delimiter TEXT    what separates the levels (.)',
    '  --json              print one JSON object a line',
  ].join('\n'),
  options: { depth: { type: 'string' }, delimiter: { type: 'string' }, json: { type: 'boolean' } },
  settings: [...PLACE_SETTINGS],
  run: async call => {
    const [place = ''] = takeArgs(call.args, treeCommand.usage);
    const { bucket, rest } = readPlace(place);
    const delimiter = textFlag(call.flags, 'delimiter') ?? '.';
    const depth = wholeFlag(call.flags, 'depth') ?? 1;
    const prefix = rest === '' || rest.endsWith(delimiter) ? rest : `${rest}${delimiter}`;
    await using caller = await openCaller(call);
    await show(caller, call, { range: { bucket, delimiter }, prefix, depth, level: 0 });
    return EXIT.ok;
  },
};

interface Branch {
  range: object;
  prefix: string;
  /** Levels that are still to be shown. */
  depth: number;
  level: number;
}

async function show(caller: Caller, call: CommandCall, branch: Branch): Promise<void> {
  const { range, prefix, depth, level } = branch;
  for (const child of await childrenOf(caller, { ...range, prefix })) {
    if (call.io.isClosed?.()) return;
    call.io.print(
      call.flags.json ? JSON.stringify(child) : `${'  '.repeat(level)}${line(child, painter(call.io))}`,
    );
    if (child.prefix === undefined || depth <= 1) continue;
    await show(caller, call, { range, prefix: child.prefix, depth: depth - 1, level: level + 1 });
  }
}

/** All pages of a level, with the keys of each group added up. */
async function childrenOf(caller: Caller, range: object): Promise<Child[]> {
  const children = new Map<string, Child>();
  for (let place: object = {}; ; ) {
    const page = await caller.call<KvKeyTreeOutput>('kv-key-tree', { ...range, ...place, limit: PAGE });
    for (const child of page.children) {
      const known = children.get(child.name);
      children.set(child.name, { ...known, ...child, keys: child.keys + (known?.keys ?? 0) });
    }
    if (!page.has_more) break;
    place = page.cursor === undefined ? { start_seq: page.next_seq } : { cursor: page.cursor };
  }
  return [...children.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function line({ name, key, prefix, keys }: Child, paint: ReturnType<typeof painter>): string {
  if (prefix === undefined) return onOneLine(name);
  return `${paint('blue', onOneLine(name))}  (${keys} below${key === undefined ? '' : ', and a key'})`;
}
