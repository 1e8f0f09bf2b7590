/**
 * What is asked of replicated tables. The engine of the tests has none, so tables are only said to be replicated: it
 * shows that the settings are sent and taken, not what replicas make of them.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeAll, expect, test } from '@jest/globals';
import { openClickhouse } from '../../../runtime/warehouses/clickhouse/engine.ts';
import { consistencyOf } from '../../../runtime/warehouses/clickhouse/replicas.ts';
import type { Engine, Table } from '../../../runtime/warehouses/engine.ts';
import { createLoader } from '../../../runtime/warehouses/shared/loader.ts';
import { within } from '../../suites/warehouse/subject.ts';
import { atLast, forAll } from '../../support/for-all.ts';
import { startClickhouse } from '../../support/warehouses/clickhouse.ts';

const server = forAll(startClickhouse, 60_000);
let seen: { sql: string; settings: URLSearchParams }[] = [];
/** Codes of errors that the next inserts are answered with. */
let refused: number[] = [];

/** Between kvflow and the engine: notes what is sent, and refuses where it is told to. */
const between = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const url = new URL(request.url ?? '/', server.url);
  const sql = url.searchParams.get('query') ?? body.toString();
  seen.push({ sql, settings: url.searchParams });
  const code = sql.startsWith('INSERT') ? refused.shift() : undefined;
  if (code !== undefined) {
    response.writeHead(500, { 'x-clickhouse-exception-code': String(code) });
    return response.end(`Code: ${code}. DB::Exception: not yet. (UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE)\n`);
  }
  const headers = { 'content-type': request.headers['content-type'] ?? 'text/plain' };
  const answer = await fetch(url, { method: 'POST', headers, body });
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  response.end(Buffer.from(await answer.arrayBuffer()));
});

beforeAll(async () => {
  between.listen(0, '127.0.0.1');
  await once(between, 'listening');
  atLast(() => between.closeAllConnections());
  atLast(() => between.close());
});
/** Loads and amends a row of a table that is said to have the engine; what was asked for with rows. */
async function asked(engineName: string, parameters = '') {
  seen = [];
  const port = (between.address() as AddressInfo).port;
  const real = await openClickhouse({ url: `http://127.0.0.1:${port}/kvflow${parameters}` });
  const describe: Engine['describe'] = async (call, name) => {
    const table = await real.describe(call, name);
    return table && ({ ...table, consistency: consistencyOf(engineName) } as Table);
  };
  const destination = createLoader({
    name: 'w',
    type: 'clickhouse',
    engine: { ...real, describe },
    locked: (_call, _names, work) => work(),
  });
  try {
    const table = `t_${engineName}_${parameters.length}`.toLowerCase();
    const target = { table, primaryKeyFields: ['id'] };
    expect(await destination.load(within(), target, [{ event: { id: 'a' }, version: 1n }])).toEqual([
      undefined,
    ]);
    const row = { event: { id: 'a' }, version: 2n, identity: [{ path: ['email'], value: 'a@b.com' }] };
    const amended = await destination.amend(within(), { ...target, conflict: 'fill' }, [row]);
    expect(amended).toMatchObject([{ state: 'amended' }]);
    const NAMES = ['select_sequential_consistency', 'insert_quorum', 'insert_quorum_parallel'];
    const of = (what: RegExp) =>
      seen
        .filter(({ sql }) => what.test(sql))
        .map(({ settings }) => NAMES.map(name => settings.get(name)).join(' '));
    return { reads: [...new Set(of(/^SELECT indexOf/))], inserts: [...new Set(of(/^INSERT/))] };
  } finally {
    await destination.close();
  }
}

test('clickhouse - rows of a replicated table are read where every confirmed version has arrived', async () => {
  expect(await asked('ReplicatedReplacingMergeTree')).toEqual({ reads: ['1  '], inserts: [' auto 0'] });
});

test('clickhouse - of a shared table only reading asks for more, of any other nothing does', async () => {
  expect(await asked('SharedReplacingMergeTree')).toEqual({ reads: ['1  '], inserts: ['  '] });
  expect(await asked('ReplacingMergeTree')).toEqual({ reads: ['  '], inserts: ['  '] });
});

test('clickhouse - what the url says about replicas wins', async () => {
  const said = '?ch_insert_quorum=2&ch_select_sequential_consistency=0';
  expect(await asked('ReplicatedReplacingMergeTree', said)).toEqual({ reads: ['0 2 '], inserts: ['0 2 0'] });
});

test("clickhouse - another's insert that is still on its way to replicas is waited for", async () => {
  refused = [286, 286, 286];
  expect(await asked('ReplicatedReplacingMergeTree', '?connections=2')).toMatchObject({
    inserts: [' auto 0'],
  });
  expect(refused).toEqual([]);
});
