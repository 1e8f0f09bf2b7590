import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { makePlace } from '../runtime/transports/cli/kvflow-process.ts';

const run = promisify(execFile);
const PAGE = join(import.meta.dirname, '../../docs/recognition.md');
const PATIENCE_MS = 60_000;

test(
  'recognition - the lines of the page, one after the other, print what it says, and leave the rows it shows',
  async () => {
    const [, example = ''] = (await readFile(PAGE, 'utf8')).split(/^## .*$/m);
    await using place = await makePlace();
    const server = await place.start();
    let printed = '';
    let compared = 0;
    for (const [, kind, text = ''] of example.matchAll(/```(sh|json)\n([\s\S]*?)```/g)) {
      const lines = text.trim().split('\n');
      if (kind === 'json') {
        expect(JSON.parse(printed)).toEqual(JSON.parse(text));
        compared += 1;
        continue;
      }
      for (const line of lines) {
        if (line.startsWith('curl')) printed = await curl(line, server.url);
        else {
          const ended = await place.run(wordsOf(line));
          expect(ended).toMatchObject({ code: 0 });
          printed = ended.stdout;
        }
      }
    }
    expect(compared).toBe(2);
    // The last line of the page was the query.
    expect(printedRows(printed)).toEqual(shownIn(example));
  },
  PATIENCE_MS,
);

async function curl(line: string, url: string): Promise<string> {
  const command = line.replace('curl', 'curl -s').replace('http://127.0.0.1:4280', url);
  return (await run('sh', ['-c', command])).stdout;
}

/** Of `npx kvflow invoke identify '{...}' --via nats`, what follows kvflow. */
function wordsOf(line: string): string[] {
  const [, rest = ''] = /^npx kvflow (.*)$/.exec(line) ?? [];
  return [...rest.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

/** The rows of a table as `kvflow query` prints it. */
function printedRows(text: string): unknown[] {
  const [head = [], ...rows] = text
    .trimEnd()
    .split('\n')
    .map(line => line.trim().split(/ {2,}/));
  return rows.map(row => Object.fromEntries(head.map((name, at) => [name, row[at]])));
}

/** The rows of the page's table. */
function shownIn(text: string): unknown[] {
  return [...text.matchAll(/^\| (event\d) \| (\S+) \| (\S+) \|/gm)].map(
    ([, event_id, user_anonymous_id, user_email]) => ({ event_id, user_anonymous_id, user_email }),
  );
}

test('recognition - every page of a warehouse has the same outline and is linked', async () => {
  const folder = join(import.meta.dirname, '../../docs/warehouses');
  const index = await readFile(join(folder, 'README.md'), 'utf8');
  const pages = [...index.matchAll(/\]\(([a-z]+\.md)\)/g)].map(([, page = '']) => page);
  expect(pages).toEqual([
    'postgres.md',
    'mysql.md',
    'clickhouse.md',
    'redshift.md',
    'snowflake.md',
    'sqlite.md',
    'pglite.md',
  ]);
  for (const page of pages) {
    const titles = [...(await readFile(join(folder, page), 'utf8')).matchAll(/^## (.*)$/gm)].map(
      ([, title]) => title,
    );
    expect([page, ...titles]).toEqual([
      page,
      'What you need',
      'Configuration',
      'The table',
      'Grants',
      'Types',
      'Limits',
    ]);
  }
});
