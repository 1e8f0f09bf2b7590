import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { isAlive, makePlace } from '../runtime/transports/cli/kvflow-process.ts';
import { eventually } from '../support/eventually.ts';
import { postJson } from '../support/post-json.ts';
import { whileAlive } from '../support/while-alive.ts';

const EVENTS = [1, 2, 3].map(n => ({ event_id: `e${n}`, n, note: n === 3 ? 'a\nb' : 'x' }));

test('warehouse-query - a warehouse that allows it is read from the command line while kvflow runs, and never written', async () => {
  await using place = await makePlace();
  await writeFile(
    join(place.path, 'kvflow.yaml'),
    JSON.stringify({
      destinations: { closed: { type: 'sqlite', table: 'events', primary_key_fields: ['event_id'] } },
    }),
  );
  const server = await place.start();
  const call = async (name: string, input: unknown) => {
    const response = await postJson(`${server.url}/functions/${name}/invocations`, input);
    return (await response.json()) as { data?: unknown; error?: { code: string; message: string } };
  };
  const query = (sql: string, more: object = {}) =>
    call('warehouse-query', { destination: 'embedded', sql, ...more });
  await call('identify', { destination: 'embedded', events: EVENTS });
  expect(await query('SELECT event_id, n FROM events ORDER BY n;')).toMatchObject({
    data: {
      columns: ['event_id', 'n'],
      rows: [
        ['e1', 1],
        ['e2', 2],
        ['e3', 3],
      ],
      truncated: false,
    },
  });
  expect(await query('SELECT n FROM events ORDER BY n -- all', { rows: 2 })).toMatchObject({
    data: { rows: [[1], [2]], truncated: true },
  });
  expect(await query('SELECT 9007199254740993, NULL, 1.5')).toMatchObject({
    data: { rows: [['9007199254740993', null, 1.5]] },
  });
  for (const comment of ['-- c\n', '/* c */', ' -- a\n  /* b\n; */ -- c\n', '--\n', '/**/'])
    expect(await query(`${comment}SELECT 1`)).toMatchObject({ data: { rows: [[1]] } });
  for (const sql of [
    'DELETE FROM events',
    '-- SELECT\nDELETE FROM events',
    '/* SELECT */ DELETE FROM events',
    '/*! SELECT 1 */',
    '/* a /* b */ SELECT */ DELETE FROM events',
    '/* c */ SELECT 1) /* d */; DELETE FROM events; --',
    '-- SELECT 1',
    '/* SELECT 1',
    "ATTACH 'x.db' AS x",
    'SELECT 1); DELETE FROM events; --',
    'WITH a AS (SELECT 1) DELETE FROM events',
    'SELECT * FROM nowhere',
  ]) {
    const { error } = await query(sql);
    expect([sql, error?.code]).toEqual([sql, 'WAREHOUSE_ERROR']);
  }
  expect(await query('SELECT count(*) FROM events')).toMatchObject({ data: { rows: [[3]] } });
  expect(await call('warehouse-query', { destination: 'closed', sql: 'SELECT 1' })).toMatchObject({
    error: { code: 'FORBIDDEN', message: expect.stringContaining('query: true') },
  });
  const printed = await place.run(['query', 'embedded', 'SELECT event_id, note FROM events ORDER BY n']);
  expect(printed).toMatchObject({ code: 0 });
  expect(printed.stdout.split('\n').map(line => line.trimEnd().split(/ {2,}/))).toEqual([
    ['event_id', 'note'],
    ['e1', 'x'],
    ['e2', 'x'],
    ['e3', 'a\\nb'],
    [''],
  ]);
  // U+009B alone begins a command to the terminal.
  const moving = await place.run(['query', 'embedded', `SELECT char(155) || '2J' AS "a\u009bb"`]);
  expect(moving).toMatchObject({ code: 0, stdout: 'a\\u009bb\n\\u009b2J\n' });
  expect(await place.run(['query', 'embedded', 'SELECT 1', '--rows', 'x'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--rows is "x"'),
  });
  expect(await place.run(['query', 'closed', 'SELECT 1'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('query: true'),
  });
}, 60_000);

test('warehouse-query - what does not end, or is too large, ends at its bounds and costs nobody else anything', async () => {
  await using place = await makePlace();
  const server = await place.start();
  const post = async (name: string, input: object, headers: object = {}, signal?: AbortSignal) => {
    const answer = await fetch(`${server.url}/functions/${name}/invocations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(input),
      ...(signal && { signal }),
    });
    return (await answer.json()) as { status_code: number; error?: { code: string; message: string } };
  };
  const query = (sql: string, headers?: object, signal?: AbortSignal) =>
    post('warehouse-query', { destination: 'embedded', sql, rows: 1000 }, headers, signal);
  const endless = 'WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)';
  const { running } = await whileAlive(2_500, async ms => {
    let isOver = false;
    const running = query(`${endless} SELECT count(*) FROM n`, { 'x-timeout-ms': String(ms) });
    void running.finally(() => {
      isOver = true;
    });
    await eventually(async () => expect(isOver || (await queryProcesses(server.child.pid)) === 1).toBe(true));
    expect((await post('kv-bucket-list', {})).status_code).toBe(200);
    return { running };
  });
  expect(await running).toMatchObject({ error: { code: 'TIMEOUT' } });
  await eventually(async () => expect(await queryProcesses(server.child.pid)).toBe(0));
  for (const sql of [
    'SELECT zeroblob(1000000000)',
    `${endless} SELECT x, hex(randomblob(1000)) AS y FROM n ORDER BY y`,
  ]) {
    expect(await query(sql, { 'x-timeout-ms': '4000' })).toMatchObject({
      error: { code: expect.stringMatching(/^(WAREHOUSE_ERROR|TIMEOUT)$/) },
    });
  }
  const long = await query(`${endless} SELECT zeroblob(1000000) FROM n LIMIT 1000`);
  expect(long).toMatchObject({ status_code: 200, data: { truncated: true } });
  expect(await query('SELECT 1')).toMatchObject({ status_code: 200 });
  // One whose caller leaves ends then, and the second signal ends kvflow and another one at once.
  const caller = new AbortController();
  const left = query(`${endless} SELECT count(*) FROM n`, {}, caller.signal).catch(() => 'left');
  await eventually(async () => expect(await queryProcesses(server.child.pid)).toBe(1));
  caller.abort();
  expect(await left).toBe('left');
  await eventually(async () => expect(await queryProcesses(server.child.pid)).toBe(0));
  const cut = query(`${endless} SELECT count(*) FROM n`).catch(() => 'cut');
  await eventually(async () => expect(await queryProcesses(server.child.pid)).toBe(1));
  const [pid] = await queryProcessIds(server.child.pid);
  server.child.kill('SIGTERM');
  await server.printed(/once more ends it at once/);
  await sleep(600);
  server.child.kill('SIGTERM');
  expect(await server.ended).toMatchObject({ code: 143 });
  expect(await cut).toBe('cut');
  await eventually(async () => expect(await isAlive(Number(pid))).toBe(false));
}, 60_000);

/** Processes of queries that a server has. */
async function queryProcesses(parent: number | undefined): Promise<number> {
  return (await queryProcessIds(parent)).length;
}

async function queryProcessIds(parent: number | undefined): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'pid=,args=', '--ppid', String(parent)]);
  const lines = stdout.split('\n').filter(line => line.includes('query-process'));
  return lines.map(line => line.trim().split(' ')[0] ?? '');
}

test('warehouse-query - a whole number above 2^53 is stored as it was sent, as a value, in an object, and as a key', async () => {
  await using place = await makePlace();
  const server = await place.start();
  const post = async (name: string, body: string) => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${server.url}/functions/${name}/invocations`, {
      method: 'POST',
      headers,
      body,
    });
    return (await response.json()) as { data?: { rows?: unknown[][]; amended?: number } };
  };
  const ids = ['9007199254740992', '9007199254740993'];
  const events = ids.map(
    (id, n) =>
      `{"event_id":${id},"ref":900719925474099${n + 3},"user":{"anonymous_id":"v"},"huge":123456789012345678901234567890,"tags":[${id}]}`,
  );
  await post('identify', `{"destination":"embedded","events":[${events.join(',')}]}`);
  const named = await post(
    'identify',
    '{"destination":"embedded","event":{"event_id":3,"user":{"anonymous_id":"v","email":"a@b.com"}}}',
  );
  expect(named).toMatchObject({ data: { amended: 2 } });
  const sql = 'SELECT event_id, ref, huge, tags, user_email FROM events WHERE event_id > 3 ORDER BY event_id';
  const found = await post('warehouse-query', JSON.stringify({ destination: 'embedded', sql }));
  expect(found.data?.rows).toEqual(
    ids.map((id, n) => [
      id,
      `900719925474099${n + 3}`,
      '123456789012345678901234567890',
      `[${id}]`,
      'a@b.com',
    ]),
  );
}, 60_000);
