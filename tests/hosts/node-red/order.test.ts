/** The order of messages over the HTTP connection, on a route where connections overtake each other. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { expect, test } from '@jest/globals';
import { parseClaim } from '../../../contract/written-by.ts';
// @ts-expect-error It is JavaScript; hosts/node-red/tsconfig.json has it checked.
import { connectHttp } from '../../../hosts/node-red/lib/http.js';
import type { Connection } from '../../../hosts/node-red/lib/types.d.ts';
// @ts-expect-error As above.
import { toHeader } from '../../../hosts/node-red/lib/written-by.js';
import { startServed } from '../../support/served.ts';

/** Of the connections of a client every other one is slow. */
async function unevenRoute(url: string): Promise<AsyncDisposable & { url: string }> {
  const target = new URL(url);
  let count = 0;
  const proxy = createServer(client => {
    const delay = count++ % 2 === 0 ? 25 : 0;
    const server = connect(Number(target.port), target.hostname);
    client.on('data', data => setTimeout(() => server.write(data), delay));
    server.on('data', data => client.write(data));
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const)
      one.on('close', () => other.destroy()).on('error', () => undefined);
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => void proxy.close(),
  };
}

test('Node-RED over HTTP - writes of a key keep the order of the messages, whatever connection they take', async () => {
  await using kvflow = await startServed();
  await using route = await unevenRoute(kvflow.url);
  await kvflow.call('kv-bucket-create', { bucket: 'b', history: 64 });
  const connection = connectHttp(route.url, undefined) as Connection;
  const put = (key: string, value: string) => connection.invoke('kv-key-put', { bucket: 'b', key, value });
  const many = await Promise.all(Array.from({ length: 60 }, (_, i) => put(`k${i % 2}`, String(i))));
  expect(many.map(({ status_code }) => status_code)).toEqual(many.map(() => 200));
  const revisions = many.map(({ data }) => Number(data?.revision));
  for (const parity of [0, 1]) {
    const own = revisions.filter((_, index) => index % 2 === parity);
    expect(own).toEqual([...own].sort((a, b) => a - b));
  }
  // Different functions on one key too, and a call that fails holds nobody up.
  const [, refused, deleted] = await Promise.all([
    put('k', 'one'),
    connection.invoke('kv-key-put', { bucket: 'b', key: 'k', value: 'two', expected_revision: 1 }),
    connection.invoke('kv-key-delete', { bucket: 'b', key: 'k' }),
  ]);
  expect(refused?.error).toMatchObject({ code: 'REVISION_CONFLICT' });
  expect(deleted).toMatchObject({ status_code: 200, data: { deleted: true } });
  expect(await connection.invoke('kv-key-get', { bucket: 'b', key: 'k' })).toMatchObject({
    status_code: 404,
  });
  await connection.close();
});

test('Node-RED over HTTP - a server that is away is told to each of the calls that waited', async () => {
  const connection = connectHttp('http://127.0.0.1:9', undefined) as Connection;
  const calls = ['a', 'b', 'c'].map(key => connection.invoke('kv-key-put', { bucket: 'b', key, value: 'x' }));
  const codes = (await Promise.all(calls)).map(({ error }) => error?.code);
  expect(codes).toEqual(['UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE']);
  await connection.close();
});

test('Node-RED over HTTP - who makes a write may have any name', () => {
  const header = toHeader({ host: 'node-red', flow: 'a \ud800; key=root', node: `${'x'.repeat(99)}😀` });
  expect(parseClaim(header)).toEqual({ host: 'node-red', flow: 'a \ufffd; key=root', node: 'x'.repeat(99) });
});
