/** How the dashboard's files are served; what is in them is tested in tests/dashboard. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { dashboardRoute } from '../../../runtime/server/routes/dashboard.ts';
import type { TestServer } from './helpers.ts';
import { startServer } from './helpers.ts';

const folder = await mkdtemp(join(tmpdir(), 'kvflow-built-'));
await mkdir(join(folder, 'assets'));
const html = { type: 'text/html; charset=utf-8', etag: '"h"', hashed: false, encodings: [] };
const script = {
  type: 'text/javascript; charset=utf-8',
  etag: '"s"',
  hashed: true,
  encodings: ['br', 'gzip'],
};
await writeFile(join(folder, 'index.html'), '<p>page</p>');
await writeFile(join(folder, 'assets/app-1.js'), 'plain');
await writeFile(join(folder, 'assets/app-1.js.br'), 'as br');
await writeFile(join(folder, 'assets/app-1.js.gz'), 'as gzip');
await writeFile(
  join(folder, 'files.json'),
  JSON.stringify({ 'index.html': html, 'assets/app-1.js': script }),
);
await writeFile(join(folder, 'secret.txt'), 'not listed');
afterAll(() => rm(folder, { recursive: true, force: true }));

function start(): Promise<TestServer> {
  return startServer({}, { homePage: false, plugins: [dashboardRoute(folder)] });
}

test('dashboard - its page is at /, and at every address below /ui/ that is no file', async () => {
  await using server = await start();
  for (const path of [
    '/',
    '/ui/',
    '/ui/buckets/a/keys/b%2F%20c',
    `/ui/buckets/b/keys/${'k'.repeat(3_000)}`,
    '/ui/secret.txt',
  ]) {
    const { status, text, headers } = await server.get(path);
    expect([path, status, text]).toEqual([path, 200, '<p>page</p>']);
    expect(headers['cache-control']).toBe('no-cache');
  }
  expect((await server.get('/ui')).headers.location).toBe('/');
});

test('dashboard - no address of the API is answered with the page', async () => {
  await using server = await start();
  for (const path of ['/functions', '/functions/echo', '/healthz', '/docs', '/access', '/openapi.json']) {
    expect([path, (await server.get(path)).text]).not.toEqual([path, '<p>page</p>']);
  }
  expect((await server.get('/buckets/b')).json.error.code).toBe('ROUTE_NOT_FOUND');
  expect((await server.get('/nothing')).json.error.code).toBe('ROUTE_NOT_FOUND');
});

test('dashboard - files are compressed beforehand, kept for good, and not sent twice', async () => {
  await using server = await start();
  const get = async (headers: Record<string, string>) => {
    const answer = await server.get('/ui/assets/app-1.js', headers);
    return [answer.status, answer.headers['content-encoding'], answer.text];
  };
  expect(await get({})).toEqual([200, undefined, 'plain']);
  expect(await get({ 'accept-encoding': 'gzip, deflate, br' })).toEqual([200, 'br', 'as br']);
  expect(await get({ 'accept-encoding': 'gzip;q=0.5, br;q=0' })).toEqual([200, 'gzip', 'as gzip']);
  expect(await get({ 'accept-encoding': 'identity' })).toEqual([200, undefined, 'plain']);
  expect(await get({ 'if-none-match': '"s"' })).toEqual([304, undefined, '']);
  const { headers } = await server.get('/ui/assets/app-1.js');
  expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
  expect(headers.vary).toBe('accept-encoding');
  expect(headers['x-content-type-options']).toBe('nosniff');
});

test('dashboard - a file that is not there, or no longer, is not answered with the page', async () => {
  await using server = await start();
  for (const path of ['/ui/assets/old-0.js', '/ui/assets/..%2fsecret.txt', '/ui/assets/constructor']) {
    expect([path, (await server.get(path)).json.error.code]).toEqual([path, 'ROUTE_NOT_FOUND']);
  }
});

test('access - says who calls and what that key may do', async () => {
  await using server = await startServer();
  const { json, status } = await server.get('/access');
  expect(status).toBe(200);
  expect(json).toMatchObject({
    name: 'local',
    read_only: false,
    functions: ['*'],
    buckets: ['*'],
    keys_required: false,
    state: { transform: { bucket: 'transform_kv', own_nats: false }, recognition: { own_nats: false } },
  });
});

test('access - a key learns of itself; without one nothing is said', async () => {
  const reader = { name: 'reader', functions: ['kv-*'], buckets: ['team-*'], readOnly: true };
  const { PackError } = await import('../../../contract/errors.ts');
  await using server = await startServer(
    {},
    {
      access: {
        required: () => true,
        authenticate: header => {
          if (header === 'Bearer good') return reader;
          throw new PackError('UNAUTHENTICATED', 'An API key is needed.');
        },
        spend: () => undefined,
      },
    },
  );
  expect((await server.get('/access')).status).toBe(401);
  expect((await server.get('/access', { authorization: 'Bearer good' })).json).toMatchObject({
    name: 'reader',
    read_only: true,
    functions: ['kv-*'],
    buckets: ['team-*'],
    keys_required: true,
  });
});
