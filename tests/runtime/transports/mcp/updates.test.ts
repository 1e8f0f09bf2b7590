import { expect, test } from '@jest/globals';
import { createOpen } from '../../../../runtime/core/open.ts';
import type { KvStore } from '../../../../runtime/core/ports/kv-store.ts';
import { createMcpEndpoint } from '../../../../runtime/transports/mcp/http.ts';
import { eventually } from '../../../support/eventually.ts';
import { registry, startKvflow } from '../../../support/kvflow.ts';
import { serve } from '../../../support/served.ts';
import { CURRENT, connectHttp, PREVIOUS, startMcp } from './helpers.ts';
import { updatesOf } from './updates-of.ts';

const USERS = 'kvflow://buckets/users';

async function stage() {
  const mcp = await startMcp();
  await mcp.kvflow.call('kv-bucket-create', { bucket: 'users' });
  const put = (key: string, value: string) => mcp.kvflow.call('kv-key-put', { bucket: 'users', key, value });
  return { ...mcp, put };
}

test('mcp updates - a stream tells of a key and of nothing else', async () => {
  await using mcp = await stage();
  await using it = await mcp.connect();
  const next = updatesOf(it.client);
  const stream = await it.client.listen({ resourceSubscriptions: [`${USERS}/keys/ada`] });
  await mcp.put('bob', '1');
  await mcp.put('ada', '1');
  expect(await next()).toBe(`${USERS}/keys/ada`);
  await mcp.kvflow.call('kv-key-delete', { bucket: 'users', key: 'ada' });
  expect(await next()).toBe(`${USERS}/keys/ada`);
  await stream.close();
});

test('mcp updates - a stream of a bucket tells of each of its keys, and of its end', async () => {
  await using mcp = await stage();
  await using it = await mcp.connect();
  const next = updatesOf(it.client);
  await it.client.listen({ resourceSubscriptions: [USERS, USERS] });
  await mcp.put('ada', '1');
  expect(await next()).toBe(USERS);
  await mcp.kvflow.call('kv-bucket-delete', { bucket: 'users', confirm: 'users' });
  expect(await next()).toBe(USERS);
});

test('mcp updates - a server that closes ends its streams by the protocol', async () => {
  await using mcp = await stage();
  await using it = await mcp.connect();
  const stream = await it.client.listen({ resourceSubscriptions: [USERS] });
  await mcp.served.close();
  expect(await stream.closed).toBe('graceful');
});

const REFUSED: [what: string, uri: string, data: object][] = [
  ['a bucket that is not there', 'kvflow://buckets/none', { uri: 'kvflow://buckets/none' }],
  ['all buckets', 'kvflow://buckets', { status_code: 400 }],
  ['what is none of ours', 'file:///etc/passwd', { uri: 'file:///etc/passwd' }],
  ['a key that cannot be', `${USERS}/keys/a..b`, { status_code: 400 }],
];

test.each(REFUSED)('mcp updates - %s cannot be watched', async (_what, uri, data) => {
  await using mcp = await stage();
  await using it = await mcp.connect();
  await expect(it.client.listen({ resourceSubscriptions: [USERS, uri] })).rejects.toMatchObject({ data });
});

test('mcp updates - more than a hundred resources at once are refused', async () => {
  await using mcp = await stage();
  await using it = await mcp.connect();
  const uris = Array.from({ length: 101 }, (_, n) => `${USERS}/keys/k${n}`);
  await expect(it.client.listen({ resourceSubscriptions: uris })).rejects.toThrow('at most 100');
});

test('mcp updates - clients of 2025-11-25 are told over HTTP that there are none', async () => {
  await using mcp = await stage();
  await using it = await mcp.connect(PREVIOUS);
  expect(it.client.getServerCapabilities()?.resources).toEqual({});
  await using current = await mcp.connect(CURRENT);
  expect(current.client.getServerCapabilities()?.resources).toEqual({ subscribe: true });
});

test('mcp updates - a client that goes away leaves no watch behind', async () => {
  await using kvflow = await startKvflow();
  await kvflow.call('kv-bucket-create', { bucket: 'users' });
  let open = 0;
  const watch: KvStore['watch'] = async (call, range) => {
    const it = await kvflow.nats.kv.watch(call, range);
    open += 1;
    let closed = false;
    return {
      ...it,
      close: () => {
        if (!closed) open -= 1;
        closed = true;
        it.close();
      },
    };
  };
  const mcp = async () =>
    createMcpEndpoint({ registry, open: createOpen({ registry, kv: { ...kvflow.nats.kv, watch } }) });
  await using served = await serve(kvflow, { mcp });
  const it = await connectHttp(served.url);
  const stream = await it.client.listen({ resourceSubscriptions: [USERS, `${USERS}/keys/a`] });
  await it.client.listen({ resourceSubscriptions: [USERS] });
  expect(open).toBe(3);
  await stream.close();
  await eventually(() => expect(open).toBe(1));
  await it.client.close();
  await eventually(() => expect(open).toBe(0));
});

test('mcp updates - what streams hold is counted with all that a process holds, until they end', async () => {
  const bytes = 1024 * 1024;
  await using it = await startMcp({ memoryBytes: bytes });
  const uris = Array.from({ length: 20 }, (_, i) => `kvflow://buckets/b${i}`);
  for (const uri of uris) await it.kvflow.call('kv-bucket-create', { bucket: uri.split('/').at(-1) });
  await using one = await it.connect();
  await using other = await it.connect();
  const stream = await one.client.listen({ resourceSubscriptions: uris.slice(0, 12) });
  await expect(other.client.listen({ resourceSubscriptions: uris.slice(12) })).rejects.toThrow(
    'RATE_LIMITED',
  );
  await stream.close();
  await eventually(() => other.client.listen({ resourceSubscriptions: uris.slice(12) }));
});
