/**
 * Makes the data of an older build for upgrade.test.ts: `node tests/upgrade/make-fixture.ts <folder of its checkout> <name>`, with its
 * packages installed. What is asked of it here is what the test looks for.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../support/free-port.ts';

/** Answers a GET with the item `versions`, with the nodes of kvflow. */
const FLOW = [
  { id: 'tab', type: 'tab', label: 'Mine' },
  { id: 'connection', type: 'kvflow-connection', name: '', mode: 'embedded' },
  { id: 'in', type: 'http in', z: 'tab', url: '/fixture', method: 'get', wires: [['read']] },
  {
    id: 'read',
    type: 'kv-key-get',
    z: 'tab',
    connection: 'connection',
    input_bucket: 'plain',
    input_bucket_type: 'str',
    input_key: 'versions',
    input_key_type: 'str',
    pick: 'value',
    result: 'payload',
    wires: [['out']],
  },
  { id: 'out', type: 'http response', z: 'tab', wires: [] },
];

const [checkout = '', name = ''] = process.argv.slice(2);
const main = join(checkout, 'runtime/transports/cli/main.ts');
const folder = mkdtempSync(join(tmpdir(), 'kvflow-fixture-'));
const port = await freePort();
// Nobody listens there: what is meant for it stays pending.
const nowhere = await freePort();
writeFileSync(
  join(folder, 'kvflow.yaml'),
  JSON.stringify({
    destinations: {
      later: {
        type: 'postgres',
        url: `postgres://u:p@127.0.0.1:${nowhere}/d`,
        table: 'events',
        primary_key_fields: ['event_id'],
      },
    },
  }),
);
const key = /kvflow_\S+|[\w-]{32,}/.exec(
  spawnSync(process.execPath, ['--no-warnings', main, 'keys', 'add', 'fixture'], {
    cwd: folder,
    encoding: 'utf8',
  }).stdout,
)?.[0];
const server = spawn(process.execPath, ['--no-warnings', main, 'start', '--port', String(port)], {
  cwd: folder,
  stdio: ['ignore', 'pipe', 'inherit'],
});
process.on('exit', () => server.kill('SIGKILL'));
let said = '';
for await (const chunk of server.stdout) {
  said += chunk;
  if (said.includes('curl')) break;
}

await call('kv-bucket-create', {
  bucket: 'plain',
  history: 5,
  key_ttl: true,
  metadata: { owner: 'fixture' },
});
for (const value of ['one', 'two', 'three'])
  await call('kv-key-put', { bucket: 'plain', key: 'versions', value });
await call('kv-key-put', { bucket: 'plain', key: 'json', value: { a: [1, { b: null }] } });
await call('kv-key-put', { bucket: 'plain', key: 'bytes', value: 'AP8=', encoding: 'base64' });
await call('kv-bucket-create', { bucket: 'lasting', key_ttl: true });
await call('kv-key-put', { bucket: 'lasting', key: 'a', value: 'x', ttl: 3_153_600_000_000_000_000 });
await call('kv-key-put', { bucket: 'plain', key: 'gone', value: 'x' });
await call('kv-key-delete', { bucket: 'plain', key: 'gone' });
for (let i = 0; i < 7; i++) await call('kv-key-increment', { bucket: 'plain', key: 'counter' });
await call('kv-bucket-create', { bucket: 'coded', key_encoding: 'base64' });
await call('kv-key-put', { bucket: 'coded', key: 'ключ .a b', value: 'x' });
const first = await call('transform-script-put', {
  script_id: 'stored',
  script: 'return { ...$, version: 1 }',
});
await call('transform-script-put', { script_id: 'stored', script: 'return { ...$, version: 2 }' });
await call('transform', {
  script: 'await $kv.set("seen", $.n); return $',
  event: { n: 41 },
  namespace: 'tenant',
});
for (const event_id of ['e1', 'e2'])
  await call('identify', {
    event: { event_id, user: { anonymous_id: 'visitor' } },
    lookback_minutes: 52_560_000,
  });
const pending = { event_id: 'p1', user: { anonymous_id: 'other', id: 'user-7' } };
console.log(await call('identify', { destination: 'later', event: pending, lookback_minutes: 52_560_000 }));
// Written down, and amended in the warehouse that kvflow brings: an undo finds both.
for (const [event_id, id] of [['w1'], ['w2', 'user-9']]) {
  const event = { event_id, user: { anonymous_id: 'buyer', ...(id && { id }) } };
  await call('identify', { destination: 'embedded', event, lookback_minutes: 52_560_000 });
}
server.kill('SIGTERM');
await once(server, 'exit');
// A flow of the user's own, as Node-RED stores it.
mkdirSync(join(folder, '.kvflow/flows'), { recursive: true });
writeFileSync(join(folder, '.kvflow/flows/flows.json'), JSON.stringify(FLOW));
writeFileSync(join(folder, 'facts.json'), JSON.stringify({ key, first: first.version }));
const target = join(import.meta.dirname, `${name}.tgz`);
execFileSync('tar', [
  'czf',
  target,
  '--exclude=*.log',
  '--exclude=server.json',
  '-C',
  folder,
  '.kvflow',
  'facts.json',
]);
console.log(execFileSync('tar', ['tzvf', target], { encoding: 'utf8' }));
rmSync(folder, { recursive: true });

async function call(fn: string, input: object): Promise<Record<string, unknown>> {
  const response = await fetch(`http://127.0.0.1:${port}/functions/${fn}/invocations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify(input),
  });
  const { data, error } = (await response.json()) as { data: Record<string, unknown>; error?: object };
  if (error) throw new Error(`${fn}: ${JSON.stringify(error)}`);
  return data;
}
