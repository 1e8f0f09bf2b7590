import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, test } from '@jest/globals';
import type { ScriptFetchRequest } from '../../../runtime/core/scripts.ts';
import { isPublicAddress } from '../../../runtime/net/addresses.ts';
import { createGuard } from '../../../runtime/net/guard.ts';
import { createGuardedFetch } from '../../../runtime/net/guarded-fetch.ts';

// No server of the internet is at hand: 127.0.0.2 stands for one, 127.0.0.1 and all others are what they are.
const OUTSIDE = '127.0.0.2';
const isAllowedAddress = (address: string) => address === OUTSIDE || isPublicAddress(address);

const opened: { close(): void }[] = [];
afterAll(() => {
  for (const one of opened) one.close();
});

async function serve(address: string, listener: RequestListener, port = 0): Promise<number> {
  const server = createServer(listener).listen(port, address);
  await once(server, 'listening');
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  opened.push({ close });
  return (server.address() as AddressInfo).port;
}

function fetcher(
  resolve: (hostname: string) => Promise<readonly string[]>,
  limits = {},
  hosts: string[] = [],
) {
  const guard = createGuard({ hosts, setting: 'HOSTS', resolve, isAllowedAddress });
  const made = createGuardedFetch(guard, { maxBytes: 10_000, timeoutMs: 5_000, ...limits });
  opened.push(made);
  return (url: string, more: Partial<ScriptFetchRequest> = {}) =>
    made.fetch(
      { url, method: 'GET', headers: [], redirect: 'follow', ...more },
      new AbortController().signal,
    );
}

test.each([
  ['127.0.0.1', false],
  ['127.255.255.254', false],
  ['0.0.0.0', false],
  ['10.1.2.3', false],
  ['100.64.0.1', false],
  ['169.254.169.254', false],
  ['172.16.0.1', false],
  ['172.32.0.1', true],
  ['192.168.1.1', false],
  ['198.18.0.1', false],
  ['224.0.0.1', false],
  ['255.255.255.255', false],
  ['93.184.216.34', true],
  ['8.8.8.8', true],
  ['::', false],
  ['::1', false],
  ['::ffff:127.0.0.1', false],
  ['::ffff:8.8.8.8', false],
  ['::127.0.0.1', false],
  ['64:ff9b::7f00:1', false],
  ['2002:7f00:1::', false],
  ['2001:0:7f00:1::', false],
  ['2001:db8::1', false],
  ['fc00::1', false],
  ['fd12:3456::1', false],
  ['fe80::1', false],
  ['fe80::1%eth0', false],
  ['ff02::1', false],
  ['2606:4700:4700::1111', true],
  ['localhost', false],
  ['', false],
])('net - is %s an address of the internet: %s', (address, expected) => {
  expect(isPublicAddress(address)).toBe(expected);
});

test.each([
  'http://127.0.0.1/',
  'http://2130706433/',
  'http://0x7f000001/',
  'http://0x7f.1/',
  'http://0177.0.0.1/',
  'http://127.1/',
  'http://[::1]/',
  'http://[::ffff:127.0.0.1]/',
  'http://[0:0:0:0:0:0:0:1]/',
  'http://169.254.169.254/latest/meta-data/',
  'http://localhost/',
  'http://LOCALHOST./',
])('net - %s is refused, even where a setting names it', async url => {
  const { hostname } = new URL(url);
  const fetch = fetcher(async () => ['127.0.0.1'], {}, [hostname.replace(/\.$/, '')]);
  await expect(fetch(url)).rejects.toMatchObject({
    code: 'FORBIDDEN',
    message: expect.stringContaining('not on the internet'),
  });
});

test('net - only hosts that are named, on their usual port or the one named', async () => {
  const hosts = ['api.test', '*.wild.test', 'other.test:8443'];
  const guard = createGuard({ hosts, setting: 'HOSTS', resolve: async () => ['8.8.8.8'] });
  const admits = (hostname: string, port = 443) =>
    guard.admit({ hostname, port, usualPort: 443 }).then(
      () => true,
      ({ code }) => code !== 'FORBIDDEN',
    );
  expect(await admits('api.test')).toBe(true);
  expect(await admits('API.test.')).toBe(true);
  expect(await admits('a.b.wild.test')).toBe(true);
  expect(await admits('other.test', 8443)).toBe(true);
  expect(await admits('other.test')).toBe(false);
  expect(await admits('api.test', 8080)).toBe(false);
  expect(await admits('wild.test')).toBe(false);
  expect(await admits('xapi.test')).toBe(false);
  expect(await admits('evilwild.test')).toBe(false);
  expect(await admits('api.test.evil.test')).toBe(false);
});

test('net - the connection is made to the address that was checked, whatever a second look-up would say', async () => {
  const port = await serve(OUTSIDE, (_request, response) => response.end('outside'));
  await serve('127.0.0.1', (_request, response) => response.end('inside'), port);
  let lookups = 0;
  const turning = async () => [lookups++ === 0 ? OUTSIDE : '127.0.0.1'];
  const fetch = fetcher(turning, {}, [`turning.test:${port}`]);
  expect(await fetch(`http://turning.test:${port}/`)).toMatchObject({ status: 200, body: 'outside' });
  expect(lookups).toBe(1);
  await expect(fetch(`http://turning.test:${port}/`)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  const both = fetcher(async () => [OUTSIDE, '127.0.0.1'], {}, [`both.test:${port}`]);
  await expect(both(`http://both.test:${port}/`)).rejects.toMatchObject({ code: 'FORBIDDEN' });
});

test('net - redirects are followed to where the guard lets them, and secrets stay with their origin', async () => {
  const inside = await serve('127.0.0.1', (_request, response) => response.end('inside'));
  const seen: (string | undefined)[] = [];
  const port = await serve(OUTSIDE, (request, response) => {
    seen.push(request.headers.authorization);
    const to = new URL(request.url ?? '', 'http://x').searchParams.get('to');
    if (to) response.writeHead(302, { location: to });
    response.end(`${request.method} ${request.url}`);
  });
  const named = [`a.test:${port}`, `b.test:${port}`, `in.test:${inside}`, `127.0.0.1:${inside}`];
  const fetch = fetcher(async name => [name === 'in.test' ? '127.0.0.1' : OUTSIDE], {}, named);
  const to = (target: string) => `http://a.test:${port}/?to=${encodeURIComponent(target)}`;
  const headers: [string, string][] = [['authorization', 'Bearer secret']];
  expect(await fetch(to(`http://b.test:${port}/end`), { headers, method: 'POST', body: 'x' })).toMatchObject({
    redirected: true,
    url: `http://b.test:${port}/end`,
    body: 'GET /end',
  });
  expect(seen).toEqual(['Bearer secret', undefined]);
  for (const target of [
    `http://in.test:${inside}/`,
    `http://127.0.0.1:${inside}/`,
    'http://else.test/',
    'file:///etc/passwd',
  ])
    await expect(fetch(to(target))).rejects.toMatchObject({ code: 'FORBIDDEN' });
  expect(await fetch(to(`http://in.test:${inside}/`), { redirect: 'manual' })).toMatchObject({ status: 302 });
  await expect(fetch(to('/'), { redirect: 'error' })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  const port2 = await serve(OUTSIDE, (_request, response) =>
    response.writeHead(302, { location: '/' }).end(),
  );
  const round = fetcher(async () => [OUTSIDE], {}, [`a.test:${port2}`]);
  await expect(round(`http://a.test:${port2}/`)).rejects.toMatchObject({
    message: expect.stringContaining('5 redirects'),
  });
});

test('net - a slow, an endless and a huge answer end by their limits', async () => {
  const port = await serve(OUTSIDE, (request, response) => {
    if (request.url === '/silent') return;
    if (request.url === '/huge') response.end('x'.repeat(20_000));
    const drip = setInterval(() => response.write('x'), 10);
    response.on('close', () => clearInterval(drip));
  });
  const fetch = fetcher(async () => [OUTSIDE], { timeoutMs: 300 }, [`a.test:${port}`]);
  await expect(fetch(`http://a.test:${port}/silent`)).rejects.toMatchObject({ code: 'TIMEOUT' });
  await expect(fetch(`http://a.test:${port}/endless`)).rejects.toMatchObject({ code: 'TIMEOUT' });
  await expect(fetch(`http://a.test:${port}/huge`)).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
  const never = fetcher(() => new Promise(() => undefined), { timeoutMs: 100 }, ['never.test']);
  await expect(never('http://never.test/')).rejects.toMatchObject({ code: 'TIMEOUT' });
});

test("net - headers of the connection are not the caller's, and no request can be smuggled in", async () => {
  const port = await serve(OUTSIDE, (request, response) => response.end(JSON.stringify(request.headers)));
  const fetch = fetcher(async () => [OUTSIDE], {}, [`a.test:${port}`]);
  const answer = await fetch(`http://a.test:${port}/`, {
    headers: [
      ['Host', 'inside.test'],
      ['Transfer-Encoding', 'chunked'],
      ['X-Own', '1'],
    ],
  });
  expect(JSON.parse(answer.body ?? '')).toMatchObject({ host: `a.test:${port}`, 'x-own': '1' });
  await expect(
    fetch(`http://a.test:${port}/`, { headers: [['x', 'a\r\nGET / HTTP/1.1']] }),
  ).rejects.toMatchObject({
    code: 'UNAVAILABLE',
  });
  await expect(fetch(`http://user:pass@a.test:${port}/`)).rejects.toMatchObject({ code: 'FORBIDDEN' });
});
