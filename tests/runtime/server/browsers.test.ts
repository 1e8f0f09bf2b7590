import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { createAuthenticator } from '../../../runtime/access/authenticator.ts';
import type { KeyFile } from '../../../runtime/access/key-file.ts';
import { createKeyFile } from '../../../runtime/access/key-file.ts';
import { PLAYGROUND } from '../../../site/playground.ts';
import { findChromium, launchChromium } from '../../hosts/support/chromium.ts';
import type { TestKvflow } from '../../support/kvflow.ts';
import { startKvflow } from '../../support/kvflow.ts';
import type { Served } from '../../support/served.ts';
import { listen, serve } from '../../support/served.ts';

const APP = 'https://app.example';
const SHOP = 'https://shop.example';
const chromium = await findChromium();

let k: TestKvflow;
let folder: string;
let keyFile: KeyFile;
let served: Served;
let any: string;
let shop: string;

beforeAll(async () => {
  k = await startKvflow();
  await k.call('kv-bucket-create', { bucket: 'b' });
  folder = await mkdtemp(join(tmpdir(), 'kvflow-browsers-'));
  keyFile = createKeyFile(join(folder, 'keys.json'));
  ({ key: any } = await keyFile.add({ name: 'any', buckets: ['b'] }));
  ({ key: shop } = await keyFile.add({ name: 'shop', origins: [SHOP] }));
  served = await serve(k, { access: createAuthenticator({ keyFile, recheckMs: 0 }), corsOrigins: [APP] });
});

afterAll(async () => {
  await served.close();
  await k[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

describe('CORS', () => {
  test('nothing is said of it where no setting and no key names an origin', async () => {
    await using off = await serve(k);
    const headers = { origin: 'http://localhost:5173', 'access-control-request-method': 'POST' };
    const preflight = await fetch(`${off.url}/invocations`, { method: 'OPTIONS', headers });
    expect([preflight.status, allowed(preflight)]).toEqual([405, null]);
    expect(allowed(await fetch(`${off.url}/functions`, { headers }))).toBeNull();
  });

  test.each([
    [APP, 204],
    [SHOP, 204],
    ['https://evil.example', 401],
    ['null', 401],
  ])('a preflight of %s, which carries no key, is %d', async (origin, status) => {
    const headers = { origin, 'access-control-request-method': 'PUT' };
    const answer = await fetch(`${served.url}/buckets/b/keys/k`, { method: 'OPTIONS', headers });
    expect([answer.status, allowed(answer)]).toEqual([status, status === 204 ? origin : null]);
    expect(answer.headers.get('vary')).toBe('origin');
    if (status !== 204) return;
    expect(answer.headers.get('access-control-allow-methods')).toContain('PUT');
    expect(answer.headers.get('access-control-allow-headers')).toMatch(
      /authorization.*x-kvflow-by.*if-match.*kvflow-ttl/,
    );
  });

  test('an origin of the setting is for every key that names none, one of a key for that key, which is for no other page', async () => {
    const asked = async (key: string, origin: string) => {
      const answer = await fetch(`${served.url}/functions`, { headers: { ...bearer(key), origin } });
      return [answer.status, allowed(answer)];
    };
    expect(await asked(any, APP)).toEqual([200, APP]);
    expect(await asked(shop, APP)).toEqual([403, null]);
    expect(await asked(shop, SHOP)).toEqual([200, SHOP]);
    expect(await asked(any, SHOP)).toEqual([200, null]);
    expect(await asked(shop, 'https://evil.example')).toEqual([403, null]);
    expect(await asked(shop, served.url)).toEqual([200, null]);
    // A page is to read why it is refused.
    expect(await asked('kvf_unknown', SHOP)).toEqual([401, SHOP]);
  });

  test('a page reads a stream, and the headers of a value', async () => {
    await using stream = await listen(`${served.url}/buckets/b/watch`, { ...bearer(any), origin: APP });
    expect(stream.response.headers).toMatchObject({ 'access-control-allow-origin': APP, vary: 'origin' });
    const value = await fetch(`${served.url}/buckets/b/keys/none`, {
      headers: { ...bearer(any), origin: APP },
    });
    expect([value.status, value.headers.get('access-control-expose-headers')]).toEqual([
      404,
      expect.stringContaining('etag'),
    ]);
  });
});

test('keys - an origin with a star in it, which would match none, is refused', async () => {
  const star = keyFile.add({ name: 'star', origins: ['https://*.example.com'] });
  await expect(star).rejects.toMatchObject({ code: 'INVALID_INPUT', errors: [{ pointer: '/origins' }] });
});

describe('tickets', () => {
  test('one opens one watch, with the rights of its key, and no other address', async () => {
    const ticket = await newTicket();
    expect((await fetch(`${served.url}/functions?ticket=${ticket}`)).status).toBe(401);
    await using stream = await listen(`${served.url}/buckets/b/watch?start=current&ticket=${ticket}`);
    await stream.next(({ event }) => event === 'synced');
    await k.call('kv-key-put', { bucket: 'b', key: 'seen', value: 'v' });
    expect(await stream.next()).toMatchObject({ event: 'put', data: { key: 'seen' } });
    const again = await fetch(`${served.url}/buckets/b/watch?ticket=${ticket}`);
    expect([again.status, await again.json()]).toMatchObject([401, { error: { code: 'UNAUTHENTICATED' } }]);
  });

  test('of ten who use one at once one gets in', async () => {
    const ticket = await newTicket();
    const opened = await Promise.all(
      Array.from({ length: 10 }, () => listen(`${served.url}/buckets/b/watch?ticket=${ticket}`)),
    );
    const statuses = opened.map(({ response }) => response.statusCode);
    await Promise.all(opened.map(stream => stream[Symbol.asyncDispose]()));
    expect(statuses.sort()).toEqual([200, ...Array(9).fill(401)]);
  });

  test('of a key that is for pages of an origin it opens a watch for no other page', async () => {
    const asked = async (origin: string) => {
      await using stream = await listen(`${served.url}/buckets/b/watch?ticket=${await newTicket(shop)}`, {
        origin,
      });
      return [stream.response.statusCode, stream.response.headers['access-control-allow-origin']];
    };
    expect(await asked(SHOP)).toEqual([200, SHOP]);
    expect(await asked('https://evil.example')).toEqual([403, undefined]);
    expect(await asked(APP)).toEqual([403, undefined]);
  });

  test('it reaches no more than its key, and ends with it', async () => {
    const { key } = await keyFile.add({ name: 'passing', buckets: ['b'] });
    const other = await fetch(`${served.url}/buckets/other/watch?ticket=${await newTicket(key)}`);
    expect(other.status).toBe(403);
    await using stream = await listen(`${served.url}/buckets/b/watch?ticket=${await newTicket(key)}`);
    const unused = await newTicket(key);
    await stream.next(({ event }) => event === 'synced');
    await keyFile.revoke('passing');
    expect(await stream.next()).toMatchObject({ event: 'error', data: { code: 'UNAUTHENTICATED' } });
    expect((await fetch(`${served.url}/buckets/b/watch?ticket=${unused}`)).status).toBe(401);
  });

  test('what is made up, and a key that may not watch, get none', async () => {
    expect((await fetch(`${served.url}/buckets/b/watch?ticket=x`)).status).toBe(401);
    const { key } = await keyFile.add({ name: 'writer', functions: ['kv-key-put'] });
    const answer = await fetch(`${served.url}/tickets`, { method: 'POST', headers: bearer(key) });
    expect(answer.status).toBe(403);
    const stored = JSON.stringify(await k.call('kv-key-list', { bucket: 'kvflow_tickets' }));
    expect(stored).not.toContain(await newTicket());
  });
});

(chromium ? describe : describe.skip)('a page of another origin in Chromium', () => {
  const stack = new AsyncDisposableStack();
  let origin: string;
  let own: Served;
  let browser: Browser;

  beforeAll(async () => {
    const pages = createServer(({ url = '' }, response) => {
      const file = url.replace(/^\/playground\//, '') || 'index.html';
      const type = file.endsWith('.js')
        ? 'text/javascript'
        : file.endsWith('.css')
          ? 'text/css'
          : 'text/html';
      response.setHeader('content-type', type).end(PLAYGROUND[file] ?? '<title>A page</title>');
    }).listen(0, '127.0.0.1');
    stack.defer(() => void pages.close());
    stack.defer(() => pages.closeAllConnections());
    await once(pages, 'listening');
    origin = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`;
    const access = createAuthenticator({ keyFile, recheckMs: 0 });
    own = stack.use(await serve(k, { access, corsOrigins: [origin] }));
    browser = stack.use(await launchChromium(String(chromium)));
  });

  afterAll(async () => await stack.disposeAsync());

  test('EventSource listens by a ticket, and the key stands in no address', async () => {
    const page = await browser.newPage();
    const addresses: string[] = [];
    page.on('request', request => void addresses.push(request.url()));
    await page.goto(`${origin}/none`);
    await k.call('kv-key-put', { bucket: 'b', key: 'in.page', value: 'grün' });
    const seen = await page.evaluate(
      async ({ url, key }) => {
        const headers = { authorization: `Bearer ${key}` };
        const answer = await fetch(`${url}/tickets`, { method: 'POST', headers });
        const { data } = (await answer.json()) as { data: { ticket: string } };
        const source = new EventSource(
          `${url}/buckets/b/watch?start=current&filter=in.*&ticket=${data.ticket}`,
        );
        try {
          return await new Promise<string>((resolve, reject) => {
            source.addEventListener('put', event => resolve((event as Event & { data: string }).data));
            source.onerror = () => reject(new Error('the stream failed'));
          });
        } finally {
          source.close();
        }
      },
      { url: own.url, key: any },
    );
    expect(JSON.parse(seen)).toMatchObject({ key: 'in.page', value: 'grün' });
    expect(addresses.filter(address => address.includes(any))).toEqual([]);
  });

  test('playground - it asks nobody before it is told whom, and calls with the key', async () => {
    const page = await browser.newPage();
    const asked: string[] = [];
    page.on('request', request => void asked.push(new URL(request.url()).origin));
    await page.goto(`${origin}/playground/`);
    await page.getByText(`KVFLOW_CORS_ORIGINS=${origin} npx kvflow start`).waitFor();
    expect([...new Set(asked)]).toEqual([origin]);
    // A server that lets pages of this address read nothing.
    await page.getByLabel('Server').fill(served.url);
    await page.getByRole('button', { name: 'Connect' }).click();
    await page.getByText(`No answer from ${served.url} that this page may read.`).waitFor();
    await page.getByLabel('Server').fill(`${own.url}/`);
    await page.getByRole('button', { name: 'Connect' }).click();
    await page.getByText('An API key is needed.').waitFor();
    await page.getByLabel('API key').fill(any);
    await page.getByRole('button', { name: 'Connect' }).click();
    await page.getByRole('link', { name: 'kv-key-put', exact: true }).click();
    const input = page.getByLabel('Input, JSON');
    await page.getByRole('heading', { name: 'kv-key-put', exact: true }).waitFor();
    await input.fill('{"bucket":"b","key":"from.playground","value":"1"}');
    await page.getByRole('button', { name: 'Run' }).click();
    await page.getByText(/^200 in \d+ ms$/).waitFor();
    expect(await page.getByText('curl -sS').textContent()).toContain(
      `curl -sS ${own.url}/functions/kv-key-put`,
    );
    expect(await k.call('kv-key-get', { bucket: 'b', key: 'from.playground' })).toMatchObject({ value: '1' });
  });
});

test('cloudevents - a change is a CloudEvent of the structured JSON format, in both streams', async () => {
  const one = `${served.url}/buckets/b/watch?format=cloudevents&start=new`;
  await using stream = await listen(one, bearer(any));
  await stream.next(({ event }) => event === 'synced');
  await k.call('kv-key-put', { bucket: 'b', key: 'c', value: 'v' });
  await k.call('kv-key-delete', { bucket: 'b', key: 'c' });
  const put = await stream.next();
  expect(put).toMatchObject({
    event: 'put',
    data: {
      specversion: '1.0',
      id: put.lastEventId,
      source: '/buckets/b',
      type: 'dev.kvflow.key.put',
      subject: 'c',
      datacontenttype: 'application/json',
      data: { key: 'c', value: 'v', operation: 'put' },
    },
  });
  expect(put.data.time).toBe((put.data.data as { created_at: string }).created_at);
  expect(await stream.next()).toMatchObject({ event: 'delete', data: { type: 'dev.kvflow.key.delete' } });
  const wrong = await fetch(`${served.url}/buckets/b/watch?format=xml`, { headers: bearer(any) });
  expect(wrong.status).toBe(400);
  const left = new AbortController();
  const many = await fetch(`${served.url}/watches`, {
    method: 'POST',
    headers: { ...bearer(any), 'content-type': 'application/json' },
    body: JSON.stringify({
      format: 'cloudevents',
      watches: [{ id: 'w', bucket: 'b', filter: 'seen.too', start: 'history' }],
    }),
    signal: left.signal,
  });
  await k.call('kv-key-put', { bucket: 'b', key: 'seen.too', value: 'v' });
  let text = '';
  for await (const chunk of many.body ?? []) {
    text += Buffer.from(chunk).toString();
    if (text.includes('seen.too')) break;
  }
  left.abort();
  expect(text).toMatch(/"type":"dev\.kvflow\.key\.put","subject":"seen\.too".*"watch":"w"/);
});

test.each([
  ['00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', true],
  ['00-00000000000000000000000000000000-b7ad6b7169203331-01', false],
  ['ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', false],
  ['nonsense', false],
])('traceparent %s is answered: %s', async (traceparent, told) => {
  const answer = await fetch(`${served.url}/healthz`, { headers: { traceparent } });
  expect(answer.headers.get('traceparent')).toBe(told ? traceparent : null);
});

function allowed(answer: Response): string | null {
  return answer.headers.get('access-control-allow-origin');
}

function bearer(key: string): { authorization: string } {
  return { authorization: `Bearer ${key}` };
}

async function newTicket(key = any): Promise<string> {
  const answer = await fetch(`${served.url}/tickets`, { method: 'POST', headers: bearer(key) });
  expect(answer.headers.get('cache-control')).toBe('no-store');
  const { data } = (await answer.json()) as { data: { ticket: string; expires_at: string } };
  expect(Date.parse(data.expires_at) - Date.now()).toBeLessThanOrEqual(60_000);
  return data.ticket;
}
