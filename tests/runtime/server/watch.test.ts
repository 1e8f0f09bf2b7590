import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from '@jest/globals';
import { PackError } from '../../../contract/errors.ts';
import type { Authenticator } from '../../../runtime/core/access.ts';
import { eventually } from '../../support/eventually.ts';
import { joinNats, startKvflow, startWithServer } from '../../support/kvflow.ts';
import { openAccess } from '../../support/open-access.ts';
import { postJson } from '../../support/post-json.ts';
import type { SentEvent, SentEvents } from '../../support/served.ts';
import { listen, serve, startServed } from '../../support/served.ts';

const put = (key: string, value: string) => ({ bucket: 'b', key, value });
const isChange = ({ event }: SentEvent) => event !== 'synced';
const isSynced = ({ event }: SentEvent) => event === 'synced';

async function keysOf(events: SentEvents, count: number): Promise<unknown[]> {
  const keys: unknown[] = [];
  while (keys.length < count) keys.push((await events.next(isChange)).data.key);
  return keys;
}

test('watch - new sends only what is written from now on', async () => {
  await using k = await startServed();
  await k.call('kv-bucket-create', { bucket: 'b' });
  await k.call('kv-key-put', put('before', '1'));
  await using events = await listen(`${k.url}/buckets/b/watch`);
  expect((await events.next()).event).toBe('synced');
  await k.call('kv-key-put', put('after', '2'));
  const event = await events.next();
  expect(event).toMatchObject({ id: 2, event: 'put', data: { key: 'after', value: '2', revision: 2 } });
});

test('watch - current sends the latest value of each key, then what follows', async () => {
  await using k = await startServed();
  await k.call('kv-bucket-create', { bucket: 'b', history: 5 });
  for (const value of ['1', '2', '3']) await k.call('kv-key-put', put('x', value));
  await k.call('kv-key-put', put('y', '1'));
  await using events = await listen(`${k.url}/buckets/b/watch?start=current`);
  expect((await events.next()).data).toMatchObject({ key: 'x', value: '3' });
  expect((await events.next()).data).toMatchObject({ key: 'y' });
  expect(await events.next()).toMatchObject({ event: 'synced', data: { revision: 4 } });
  await k.call('kv-key-put', put('x', '4'));
  expect((await events.next()).data).toMatchObject({ key: 'x', value: '4' });
});

test('watch - history sends everything that is kept, oldest first', async () => {
  await using k = await startServed();
  await k.call('kv-bucket-create', { bucket: 'b', history: 5 });
  for (const value of ['1', '2', '3']) await k.call('kv-key-put', put('x', value));
  await using events = await listen(`${k.url}/buckets/b/watch?start=history`);
  expect([await events.next(), await events.next(), await events.next()].map(e => e.data.value)).toEqual([
    '1',
    '2',
    '3',
  ]);
});

test('watch - a filter leaves other keys out', async () => {
  await using k = await startServed();
  await k.call('kv-bucket-create', { bucket: 'b', key_encoding: 'base64' });
  await using events = await listen(`${k.url}/buckets/b/watch?filter=${encodeURIComponent('jörg.*')}`);
  await events.next(isSynced);
  await k.call('kv-key-put', put('anna.1', 'no'));
  await k.call('kv-key-put', put('jörg.ä ö', 'yes'));
  expect((await events.next()).data).toMatchObject({ key: 'jörg.ä ö', value: 'yes' });
});

test('watch - deletes, purges and expiries are events of their own', async () => {
  await using k = await startServed();
  await k.call('kv-bucket-create', { bucket: 'b', key_ttl: true });
  await using events = await listen(`${k.url}/buckets/b/watch`);
  await events.next(isSynced);
  for (const key of ['d', 'p']) await k.call('kv-key-put', put(key, '1'));
  await k.call('kv-key-put', { ...put('e', '1'), ttl: 1_000_000_000 });
  await k.call('kv-key-delete', { bucket: 'b', key: 'd' });
  await k.call('kv-key-purge', { bucket: 'b', key: 'p' });
  const ended: Record<string, unknown> = {};
  while (Object.keys(ended).length < 3) {
    const { event, data } = await events.next(({ event }) => event !== 'put');
    ended[String(data.key)] = event;
    expect(data).not.toHaveProperty('value');
  }
  expect(ended).toEqual({ d: 'delete', p: 'purge', e: 'expire' });
});

test('watch - a value that is no text comes as base64', async () => {
  await using k = await startServed();
  await k.call('kv-bucket-create', { bucket: 'b' });
  await using events = await listen(`${k.url}/buckets/b/watch?start=current`);
  await k.call('kv-key-put', { ...put('x', '//79'), encoding: 'base64' });
  expect((await events.next(isChange)).data).toMatchObject({ value: '//79', encoding: 'base64' });
});

test('watch - a Last-Event-ID of the form before, a number, goes on without a gap or a double over restarts of kvflow and of NATS', async () => {
  await using k = await startWithServer();
  await using second = joinNats(k.joined);
  await k.call('kv-bucket-create', { bucket: 'b', history: 64 });
  const seen: number[] = [];
  const writing = writeAll(k, 600);
  // A write whose answer was lost may have been stored: how many there are is not known, but which is the last.
  const ending = writing.then(() => k.call('kv-key-put', put('last', '')));
  let http = await serve(k);
  let lastId = 0;
  let isOver = false;
  for (let round = 0; !isOver; round++) {
    await using events = await listen(`${http.url}/buckets/b/watch?start=history`, {
      ...(lastId > 0 && { 'last-event-id': String(lastId) }),
    });
    const until = round < 4 ? seen.length + 120 : Number.POSITIVE_INFINITY;
    while (!isOver && seen.length < until) {
      const { id = 0, data } = await events.next(isChange);
      lastId = id;
      isOver = data.key === 'last';
      if (isOver) break;
      seen.push(Number(data.value));
      if (round === 1 && seen.length === 200) {
        await k.server.stop('SIGKILL');
        await k.server.start();
      }
    }
    await http.close();
    http = await serve(round % 2 === 0 ? second : k);
  }
  await http.close();
  await ending;
  const acknowledged = await writing;
  // What ended in a lost answer may have been stored: it is seen at most once too.
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen.filter(value => acknowledged.has(value))).toEqual([...acknowledged]);
});

test('watch - Last-Event-ID goes on over restarts with deletes and ends of ttls, each of which comes once', async () => {
  await using k = await startWithServer();
  await using second = joinNats(k.joined);
  await k.call('kv-bucket-create', { bucket: 'b', history: 64, key_ttl: true });
  const seen: string[] = [];
  const revisions = new Set<string>();
  const writing = writeWithEnds(k, 200);
  let [http, lastId, count] = [await serve(k), '', 0];
  async function read(until: () => boolean): Promise<void> {
    await using events = await listen(`${http.url}/buckets/b/watch?start=history`, {
      ...(lastId !== '' && { 'last-event-id': lastId }),
    });
    while (!until()) {
      const { event, data, lastEventId = '' } = await events.next(isChange);
      lastId = lastEventId;
      count += 1;
      seen.push(`${event} ${String(data.key)}`);
      revisions.add(`${event} ${String(data.key)} ${String(data.revision)}`);
      if (count !== 70) continue;
      await k.server.stop('SIGKILL');
      await k.server.start();
    }
  }
  for (let round = 1; round <= 4; round++) {
    await read(() => count >= 45 * round);
    await http.close();
    http = await serve(round % 2 === 1 ? second : k);
  }
  const expected = await writing;
  await read(() => {
    const all = new Set(seen);
    return expected.every(event => all.has(event));
  });
  await http.close();
  expect(lastId).toMatch(/\D/);
  expect(revisions.size).toBe(seen.length);
});

/** Writes keys, some of which are deleted and some of which end by a ttl; answers the events of what was acknowledged. */
async function writeWithEnds(k: Awaited<ReturnType<typeof startKvflow>>, count: number): Promise<string[]> {
  const expected: string[] = [];
  for (let at = 0; at < count; at++) {
    const key = `k.${at}`;
    const ttl = at % 10 === 3 ? { ttl: 1_000_000_000 } : {};
    const { status_code } = await k.invoke('kv-key-put', { ...put(key, 'v'), ...ttl });
    if (status_code !== 200) continue;
    // A watch that comes when the value is gone already is told of its end alone.
    expected.push(`${'ttl' in ttl ? 'expire' : 'put'} ${key}`);
    if (at % 10 !== 7) continue;
    const deleted = await k.invoke('kv-key-delete', { bucket: 'b', key });
    if (deleted.status_code === 200) expected.push(`delete ${key}`);
  }
  return expected;
}

/** Writes 0, 1, 2... until so many are acknowledged, on through lost connections; answers which were. */
async function writeAll(k: Awaited<ReturnType<typeof startKvflow>>, count: number): Promise<Set<number>> {
  const acknowledged = new Set<number>();
  for (let value = 0; acknowledged.size < count; value++) {
    const envelope = await k.invoke('kv-key-put', put(`k.${value % 10}`, String(value)));
    if (envelope.status_code === 200) acknowledged.add(value);
  }
  return acknowledged;
}

test('watch - goes on over a NATS restart with the client connected all the time', async () => {
  await using k = await startWithServer();
  await using http = await serve(k);
  await k.call('kv-bucket-create', { bucket: 'b' });
  await using events = await listen(`${http.url}/buckets/b/watch`);
  await events.next(isSynced);
  await k.call('kv-key-put', put('a', '1'));
  await k.server.stop('SIGKILL');
  await k.server.start();
  await eventually(() => k.call('kv-key-put', put('b', '2')));
  expect(await keysOf(events, 2)).toEqual(['a', 'b']);
});

test('watch - an id of an earlier bucket of the same name begins anew', async () => {
  await using k = await startServed();
  await k.call('kv-bucket-create', { bucket: 'b' });
  await k.call('kv-key-put', put('a', '1'));
  await using events = await listen(`${k.url}/buckets/b/watch?start=current`, { 'last-event-id': '999' });
  expect((await events.next()).event).toBe('reset');
  expect((await events.next()).data).toMatchObject({ key: 'a' });
});

test('watch - a quiet stream shows signs of life, and a revoked key ends it', async () => {
  await using k = await startKvflow();
  let revoked = false;
  const access: Authenticator = {
    ...openAccess,
    required: () => true,
    authenticate: header => {
      if (revoked) throw new PackError('UNAUTHENTICATED', 'This API key was revoked.');
      return openAccess.authenticate(header);
    },
  };
  await using http = await serve(k, { access, watchTimes: { heartbeatMs: 100, slowClientMs: 1_000 } });
  await k.call('kv-bucket-create', { bucket: 'b' });
  await using events = await listen(`${http.url}/buckets/b/watch`);
  await events.next(isSynced);
  await eventually(() => expect(events.comments()).toContain('heartbeat'));
  revoked = true;
  const { data } = await events.next(({ event }) => event === 'error');
  expect(data).toMatchObject({ code: 'UNAUTHENTICATED' });
  await eventually(() => expect(events.ended()).toBe(true));
});

test('watch - several filters, sizes alone, and no deletes, by the address and by POST /watches', async () => {
  await using k = await startServed();
  await k.call('kv-bucket-create', { bucket: 'b' });
  for (const key of ['a', 'b', 'c']) await k.call('kv-key-put', put(key, 'xyz'));
  await k.call('kv-key-delete', { bucket: 'b', key: 'a' });
  const query = 'filter=a&filter=b&headers_only=true&ignore_deletes=true&start=current';
  await using events = await listen(`${k.url}/buckets/b/watch?${query}`);
  const first = await events.next();
  expect(first.data).toMatchObject({ key: 'b', size: 3 });
  expect(first.data).not.toHaveProperty('value');
  expect((await events.next()).event).toBe('synced');
  const wanted = { id: 'w', bucket: 'b', filters: ['a', 'c'], ignore_deletes: true, start: 'current' };
  const answer = await postJson(`${k.url}/watches`, { watches: [wanted] });
  let text = '';
  for await (const chunk of answer.body ?? []) {
    text += Buffer.from(chunk).toString();
    if (text.includes('synced')) break;
  }
  expect(text.match(/"key":"."/g)).toEqual(['"key":"c"']);
  const bad = await fetch(`${k.url}/buckets/b/watch?headers_only=maybe`);
  expect(bad.status).toBe(400);
});

test('a call that waits ends with its key, and takes nothing then', async () => {
  await using k = await startKvflow();
  let revoked = false;
  const looks = new Map<string, number>();
  const access: Authenticator = {
    ...openAccess,
    required: () => true,
    authenticate: header => {
      looks.set(String(header), (looks.get(String(header)) ?? 0) + 1);
      if (revoked) throw new PackError('UNAUTHENTICATED', 'This API key was revoked.');
      return openAccess.authenticate(header);
    },
  };
  await using http = await serve(k, { access });
  const bucket = 'b';
  await k.call('kv-bucket-create', { bucket, key_ttl: true });
  const { fence } = await k.call('kv-lock-acquire', { bucket, key: 'l' });
  const waiting: Record<string, object> = {
    'kv-lock-acquire': { bucket, key: 'l', wait: 30_000_000_000 },
    'kv-key-watch': { bucket, filter: 'a', wait_ms: 25_000 },
  };
  const send = (path: string, body: object) =>
    postJson(http.url + path, body, { authorization: `Bearer ${crypto.randomUUID()}` }).then(
      response => response.json() as Promise<{ status_code: number; items?: { status_code: number }[] }>,
    );
  const answers = Object.entries(waiting).map(([name, input]) =>
    send(`/functions/${name}/invocations`, input),
  );
  const batch = send('/invocations', {
    items: Object.entries(waiting).map(([name, input]) => ({ function: name, input })),
  });
  // Each is let in, and asked again while it waits.
  await eventually(() => {
    expect(looks.size).toBe(3);
    for (const times of looks.values()) expect(times).toBeGreaterThan(3);
  });
  revoked = true;
  for (const answer of await Promise.all(answers)) expect(answer.status_code).toBe(401);
  expect((await batch).items?.map(item => item.status_code)).toEqual([401, 401]);
  await k.call('kv-lock-release', { bucket, key: 'l', fence });
  expect(await k.call('kv-key-list', { bucket })).toMatchObject({ items: [] });
});

test('watch - a client that does not read costs bounded memory and is told to come back', async () => {
  await using k = await startKvflow();
  await using http = await serve(k, { watchTimes: { heartbeatMs: 1_000, slowClientMs: 500 } });
  await k.call('kv-bucket-create', { bucket: 'b', storage: 'memory' });
  const value = 'x'.repeat(50_000);
  for (let i = 0; i < 2_400; i += 100) {
    const items = Array.from({ length: 100 }, (_, n) => ({ key: `k.${i + n}`, value }));
    await k.call('kv-key-put-many', { bucket: 'b', items });
  }
  const socket = connect(Number(new URL(http.url).port), '127.0.0.1');
  await once(socket, 'connect');
  const before = process.memoryUsage();
  socket.write('GET /buckets/b/watch?start=history HTTP/1.1\r\nhost: localhost\r\n\r\n');
  await once(socket, 'readable'); // The head is there; nothing more is read for now.
  socket.pause();
  let largest = 0;
  const watching = setInterval(() => {
    const { heapUsed, external } = process.memoryUsage();
    largest = Math.max(largest, heapUsed + external - before.heapUsed - before.external);
  }, 20);
  let text = '';
  // Its consumer is gone when the server has given the client up.
  const consumers = async () =>
    ((await k.call('kv-account-info', {})) as unknown as { consumers: { used: number } }).consumers.used;
  await eventually(async () => expect(await consumers()).toBe(0));
  clearInterval(watching);
  socket.on('data', chunk => {
    text = (text + chunk).slice(-2_000);
  });
  socket.resume();
  await once(socket, 'close');
  expect(text).toContain('event: error');
  expect(text).toContain('Last-Event-ID');
  expect(largest).toBeLessThan(60 * 1024 * 1024); // 120 MB were to be sent.
});

test('watch - bad parameters, unknown buckets and keys without the right are refused before the stream', async () => {
  await using k = await startKvflow();
  const reader = { name: 'reader', functions: ['kv-key-watch'], buckets: ['mine-*'], readOnly: true };
  const access = { ...openAccess, required: () => true, authenticate: () => reader };
  await using http = await serve(k);
  await using guarded = await serve(k, { access });
  await k.call('kv-bucket-create', { bucket: 'b' });
  const status = async (url: string) => (await fetch(url)).status;
  expect(await status(`${http.url}/buckets/nowhere/watch`)).toBe(404);
  expect(await status(`${http.url}/buckets/b/watch?start=sometime`)).toBe(400);
  expect(await status(`${http.url}/buckets/b/watch?after=x`)).toBe(400);
  const negative = await (await fetch(`${http.url}/buckets/b/watch?after=-1`)).text();
  expect(negative).toContain('/after must be >= 0');
  expect(await status(`${http.url}/buckets/b/watch?filter=a..b`)).toBe(400);
  expect(await status(`${http.url}/buckets/b/watch?what=1`)).toBe(400);
  expect(await status(`${guarded.url}/buckets/b/watch`)).toBe(403);
});

test('watch - closing the server ends its streams', async () => {
  await using k = await startKvflow();
  await using http = await serve(k);
  await k.call('kv-bucket-create', { bucket: 'b' });
  await using events = await listen(`${http.url}/buckets/b/watch`);
  await events.next(isSynced);
  await http.close();
  await eventually(() => expect(events.ended()).toBe(true));
});
