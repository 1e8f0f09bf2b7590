/** What is handed out to use and to watch kvflow with, against one kvflow that runs as users run it. */
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from '@jest/globals';
import { makePlace } from '../runtime/transports/cli/kvflow-process.ts';
import { eventually } from '../support/eventually.ts';
import { forAll } from '../support/for-all.ts';
import { postJson } from '../support/post-json.ts';

const ROOT = join(import.meta.dirname, '../..');
/** In place of what `npm install` brings in examples/. */
const CLIENT_HERE = join(ROOT, 'tests/support/client-here.js');
const YAML = {
  destinations: { events: { type: 'sqlite', table: 'events', primary_key_fields: ['event_id'] } },
};

let url: string;
let natsPid: number;

const place = forAll(() => makePlace(), 60_000);

beforeAll(async () => {
  await writeFile(join(place.path, 'kvflow.yaml'), JSON.stringify(YAML));
  ({ url, natsPid } = await place.start());
}, 60_000);

async function call(name: string, input: unknown): Promise<void> {
  const response = await postJson(`${url}/functions/${name}/invocations`, input);
  if (!response.ok) throw new Error(`${name}: ${await response.text()}`);
}

/** Names of metrics, those of a histogram's parts too. */
function metricsOf(text: string): Set<string> {
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  return new Set(
    types.flatMap(([, name = '', type]) =>
      type === 'histogram' ? ['_bucket', '_sum', '_count'].map(part => name + part) : [name],
    ),
  );
}

/** Names in a query that are those of metrics: words of kvflow, of Node and of the process. */
function namesIn(query: string): string[] {
  return query.replace(/"[^"]*"/g, '').match(/\b(kvflow|nodejs|process)_\w+/g) ?? [];
}

test('board and alerts - every metric they name is one that kvflow tells', async () => {
  await call('transform', { script: 'return event', event: { n: 1 } });
  await call('identify', { destination: 'events', events: [{ event_id: 'a', user: { anonymous_id: 'v' } }] });
  // Whoever asks for the editor starts the flows' process.
  await fetch(`${url}/flows/`);
  const told = metricsOf(await (await fetch(`${url}/metrics`)).text());
  const board = await readFile(join(ROOT, 'deploy/grafana/kvflow.json'), 'utf8');
  const queries = [...board.matchAll(/"(?:expr|query)": ("(?:[^"\\]|\\.)*")/g)].map(([, text = '']) =>
    JSON.parse(text),
  );
  const alerts = await readFile(join(ROOT, 'deploy/prometheus/alerts.yaml'), 'utf8');
  const rules = alerts.match(/expr:[^\n]*(\n {10,}[^\n]*)*/g) ?? [];
  const named = new Set([...queries, ...rules].flatMap(namesIn));
  expect(named.size).toBeGreaterThan(20);
  expect([...named].filter(name => !told.has(name))).toEqual([]);
});

const EXAMPLES = readdirSync(join(ROOT, 'examples'), { withFileTypes: true })
  .filter(entry => entry.isDirectory() && entry.name !== 'node_modules')
  .map(({ name }) => name);

test.each(EXAMPLES)('example - %s prints what its README shows', async name => {
  const readme = await readFile(join(ROOT, 'examples', name, 'README.md'), 'utf8');
  const [, command = '', shown] = /```text\n\$ node (.+)\n([\s\S]+?)```/.exec(readme) ?? [];
  expect(command).toBe(`${name}/main.js`);
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', CLIENT_HERE, command], {
    cwd: join(ROOT, 'examples'),
    env: { PATH: process.env.PATH, KVFLOW_URL: url },
  });
  expect(stdout).toBe(shown);
});

// Last of all: the nats-server of the others ends.
test('metrics - a connection to NATS that was lost and came back is counted', async () => {
  const metrics = async () => await (await fetch(`${url}/metrics`)).text();
  expect(await metrics()).toContain('\nkvflow_nats_connected 1\n');
  expect(await metrics()).toContain('\nkvflow_nats_reconnects_total 0\n');
  process.kill(natsPid, 'SIGKILL');
  await eventually(async () => expect(await metrics()).toContain('\nkvflow_nats_reconnects_total 1\n'));
  expect(await metrics()).toContain('\nkvflow_nats_connected 1\n');
});
