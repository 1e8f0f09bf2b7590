/** The order of messages over the HTTP connection, on a route where connections overtake each other. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { expect, test } from '@jest/globals';
import { parseClaim } from '../../../contract/written-by.ts';
// @ts-expect-error It is JavaScript; hosts/node-red/tsconfig.json has it checked.
import { connectHttp } from '../../../hosts/node-red/lib/http.js';
// @ts-expect-error As above.
import { inOrder } from '../../../hosts/node-red/lib/in-order.js';
import type { Connection } from '../../../hosts/node-red/lib/types.d.ts';
// @ts-expect-error As above.
import { toHeader } from '../../../hosts/node-red/lib/written-by.js';
import { startKvflow } from '../../support/kvflow.ts';
import { serve } from '../../support/served.ts';

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
  await using kvflow = await startKvflow();
  await using served = await serve(kvflow, {});
  await using route = await unevenRoute(served.url);
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

test('Node-RED over HTTP - who makes a write is said with it, alone and in a batch; what comes together goes together', async () => {
  const sent: unknown[] = [];
  const ok = { status_code: 200, data: {} };
  const invoke = inOrder(
    async (_name: string, _input: object, options?: object) => {
      sent.push(options);
      return ok;
    },
    async (calls: { options?: object }[]) => {
      sent.push(calls.map(({ options }) => options));
      return calls.map(() => ok);
    },
  ) as (name: string, input: object, options: object) => Promise<unknown>;
  const put = (node: string) => invoke('kv-key-put', { bucket: 'b', key: 'k', value: 'v' }, { by: { node } });
  await put('one');
  await Promise.all([put('two'), put('three')]);
  expect(sent).toEqual([{ by: { node: 'one' } }, [{ by: { node: 'two' } }, { by: { node: 'three' } }]]);
});

test('Node-RED over HTTP - who makes a write may have any name', () => {
  const header = toHeader({ host: 'node-red', flow: 'a \ud800; key=root', node: `${'x'.repeat(99)}😀` });
  expect(parseClaim(header)).toEqual({ host: 'node-red', flow: 'a \ufffd; key=root', node: 'x'.repeat(99) });
});

test('Node-RED over HTTP - writes of other keys overlap, those of a key wait, and what names no keys waits for all', async () => {
  const waiting: { keys: unknown[]; answer: () => void }[] = [];
  const ok = { status_code: 200, data: {} };
  const later = (keys: unknown[]) =>
    new Promise<void>(answer => void waiting.push({ keys, answer: () => answer() }));
  const invoke = inOrder(
    (name: string, { key }: { key?: string }) => later([key ?? name]).then(() => ok),
    (calls: { input: { key?: string } }[]) =>
      later(calls.map(({ input }) => input.key)).then(() => calls.map(() => ok)),
  ) as (name: string, input: object) => Promise<unknown>;
  const tick = () => new Promise(resolve => setImmediate(resolve));
  const put = (key: string) => invoke('kv-key-put', { bucket: 'b', key, value: 'v' });
  const underWay = async () => {
    await tick();
    return waiting.map(({ keys }) => keys);
  };
  const done = async () => {
    waiting.shift()?.answer();
    await tick();
  };
  const calls = [put('a')];
  await tick();
  calls.push(put('a'), put('b'), put('a'), put('c'));
  // b and c overlap a; the other two of a wait for it.
  expect(await underWay()).toEqual([['a'], ['b', 'c']]);
  calls.push(invoke('kv-key-purge', { bucket: 'b', filter: '>' }), put('d'));
  await done();
  expect(await underWay()).toEqual([
    ['b', 'c'],
    ['a', 'a'],
  ]);
  await done();
  // The purge waits for all before it, and all behind it for the purge.
  expect(await underWay()).toEqual([['a', 'a']]);
  await done();
  expect(await underWay()).toEqual([['kv-key-purge']]);
  calls.push(
    invoke('kv-key-put-many', { bucket: 'b', items: [{ key: 'e' }, { key: 'f' }] }),
    put('f'),
    put('g'),
  );
  expect(await underWay()).toEqual([['kv-key-purge']]);
  await done();
  expect(await underWay()).toEqual([['d', undefined, 'f', 'g']]);
  await done();
  // A commit is on all keys that it writes, a queue on what goes into it; a rename is on both of its keys.
  calls.push(
    invoke('kv-transact', { bucket: 'b', operations: [{ key: 'a' }, { key: 'b' }] }),
    invoke('kv-queue-push', { bucket: 'b', queue: 'a' }),
  );
  await underWay();
  calls.push(put('b'), invoke('kv-queue-push', { bucket: 'b', queue: 'a' }), put('c'));
  expect(await underWay()).toEqual([[undefined, undefined], ['c']]);
  await done();
  expect(await underWay()).toEqual([['c'], ['b', undefined]]);
  await done();
  await done();
  calls.push(invoke('kv-key-rename', { bucket: 'b', key: 'x', to: 'y' }));
  await underWay();
  calls.push(put('y'));
  expect(await underWay()).toEqual([['x']]);
  await done();
  expect(await underWay()).toEqual([['y']]);
  await done();
  expect(await Promise.all(calls)).toHaveLength(17);
});

test('Node-RED over HTTP - ten thousand writes of a thousand keys come in the order of their messages', async () => {
  const current = new Map<string, number>();
  const run = async (calls: { input: { key: string; value: number } }[]) => {
    // Answers overtake each other; kvflow runs a batch in order for each key.
    await new Promise(resolve => setImmediate(resolve));
    for (const { input } of calls) {
      expect(input.value).toBe((current.get(input.key) ?? -1) + 1);
      current.set(input.key, input.value);
    }
    return calls.map(() => ({ status_code: 200, data: {} }));
  };
  const invoke = inOrder(
    async (_name: string, input: { key: string; value: number }) => (await run([{ input }]))[0],
    run,
  ) as (name: string, input: object) => Promise<unknown>;
  const all = Array.from({ length: 10_000 }, (_, i) =>
    invoke('kv-key-put', { bucket: 'b', key: `k${(i * 7) % 1_000}`, value: Math.floor(i / 1_000) }),
  );
  await Promise.all(all);
  expect([...current.values()]).toEqual(Array(1_000).fill(9));
});
