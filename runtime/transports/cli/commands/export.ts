import { invalidField } from '../../../../contract/errors.ts';
import { exportLines } from '../../../core/bulk-export.ts';
import type { Command } from '../command.ts';
import { textFlag } from '../command.ts';
import { EXIT, usageError } from '../exit-codes.ts';
import { PLACE_SETTINGS } from '../item-commands.ts';
import { createProgress } from '../progress.ts';

/** `kvflow export` */
export const exportCommand: Command = {
  usage: 'export <bucket>',
  summary: 'writes a bucket to standard output as NDJSON',
  help: [
    'One line of JSON for each live item, after a header with the options of the bucket and before an end line with',
    'their number. An export without its end line is cut; --after goes on after the last revision it has.',
    '',
    '  --filter PATTERN    only keys that match, such as user.*',
    '  --query SEARCH      only what kvflow kv-key-find finds by it, such as "size>1M age>30d"',
    '  --after SEQUENCE    only items written after this sequence number',
    '  --history           all that is kept of each key: past values and deletes too, in the order of revisions',
  ].join('\n'),
  options: {
    filter: { type: 'string' },
    query: { type: 'string' },
    after: { type: 'string' },
    history: { type: 'boolean' },
  },
  settings: [...PLACE_SETTINGS],
  run: async ({ args, flags, settings, host, io }) => {
    const [bucket, ...more] = args;
    if (!bucket || more.length > 0) throw usageError(`Usage: kvflow ${exportCommand.usage} > FILE`);
    const filter = textFlag(flags, 'filter');
    const query = textFlag(flags, 'query');
    const after = textFlag(flags, 'after');
    await using session = await host.connect(settings, { onProgress: line => io.tell(line) });
    const history = flags.history === true;
    const range = {
      bucket,
      history,
      ...(filter && { filter }),
      ...(query && { query }),
      ...(after && { after: toSequence(after) }),
    };
    const what = history ? 'revisions' : 'items';
    const progress = createProgress(io);
    let records = 0;
    let unreadable: string[] = [];
    let unjudged: string[] = [];
    for await (const chunk of exportLines(session.invoke, range)) {
      await io.write(chunk.text);
      records += chunk.records;
      unreadable = chunk.unreadable ?? unreadable;
      unjudged = chunk.unjudged ?? unjudged;
      // As cat: whoever reads has enough.
      if (io.isClosed?.()) return EXIT.ok;
      progress.show(`${records} ${what} exported, up to sequence ${chunk.next}`);
    }
    progress.done();
    io.tell(`${records} ${what} of bucket "${bucket}" exported.`);
    if (unreadable.length > 0)
      io.tell(`Not exported, as a newer kvflow wrote them: ${unreadable.join(', ')}`);
    if (unjudged.length > 0)
      io.tell(
        `Not exported, as their values are too large or nested too deeply for js: ${unjudged.join(', ')}`,
      );
    return unreadable.length + unjudged.length > 0 ? EXIT.failed : EXIT.ok;
  },
};

function toSequence(text: string): number {
  if (/^\d{1,16}$/.test(text)) return Number(text);
  throw invalidField('/after', `--after is "${text}": must be a sequence number`);
}
