import { beforeAll, describe, expect, test } from '@jest/globals';
import { forAll } from '../../support/for-all.ts';
import { startKvflow } from '../../support/kvflow.ts';
import { serve } from '../../support/served.ts';

const k = forAll(startKvflow);
const served = forAll(() => serve(k));

beforeAll(async () => {
  await k.call('kv-bucket-create', { bucket: 'b', history: 5, key_ttl: true });
  await k.call('kv-bucket-create', { bucket: 'any', key_encoding: 'base64' });
});

describe('an item at an address of its own', () => {
  test.each([
    ['text', Buffer.from('Grüße\n')],
    ['nothing', Buffer.alloc(0)],
    ['every byte', Buffer.from(Array.from({ length: 256 }, (_, at) => at))],
    ['a byte order mark', Buffer.from('\ufeffx')],
    ['two megabytes', Buffer.alloc(700_000, 'äöü')],
  ])('PUT and GET - the bytes of %s come back as they were', async (_name, bytes) => {
    const put = await send('b', 'bytes', { method: 'PUT', body: bytes });
    expect(put.status).toBe(200);
    const { data } = (await put.json()) as { data: { revision: number } };
    expect(put.headers.get('etag')).toBe(`"${data.revision}"`);
    const got = await send('b', 'bytes');
    expect([got.status, got.headers.get('etag')]).toEqual([200, `"${data.revision}"`]);
    expect(Buffer.from(await got.arrayBuffer()).equals(bytes)).toBe(true);
    const head = await send('b', 'bytes', { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([
      200,
      String(bytes.length),
      '',
    ]);
  });

  test.each([
    ['a/b.c', 'a/b.c'],
    ['a%2Fb.c', 'a/b.c'],
    ['%2561', '%61'],
    ['x%20y+z%3F%23', 'x y+z?#'],
    ['Gr%C3%BC%C3%9Fe/%F0%9F%98%80', 'Grüße/😀'],
    [`${'%C3%A4'.repeat(300)}`, 'ä'.repeat(300)],
  ])('the address %s is one key, decoded once', async (address, key) => {
    expect((await raw('any', address, { method: 'PUT', body: 'v' })).status).toBe(200);
    expect(await k.call('kv-key-get', { bucket: 'any', key })).toMatchObject({ value: 'v' });
    expect(await (await raw('any', address)).text()).toBe('v');
    expect((await raw('any', address, { method: 'DELETE' })).status).toBe(200);
    expect((await raw('any', address)).status).toBe(404);
  });

  test.each([
    ['', {}, 400, 'INVALID_INPUT'],
    ['%E4', {}, 400, 'INVALID_INPUT'],
    ['a..b', {}, 400, 'INVALID_INPUT'],
    ['k', { 'if-match': '42' }, 400, 'INVALID_INPUT'],
    ['k', { 'kvflow-ttl': 'soon' }, 400, 'INVALID_INPUT'],
    ['k', { 'content-encoding': 'gzip' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['k', { 'content-range': 'bytes 0-1/3' }, 400, 'INVALID_INPUT'],
    ['k?x=1', {}, 400, 'INVALID_INPUT'],
  ])('PUT %s %j is refused by an envelope', async (address, headers, status, code) => {
    const answer = await raw('b', address, { method: 'PUT', body: 'v', headers });
    expect([answer.status, await answer.json()]).toEqual([
      status,
      expect.objectContaining({ status_code: status, error: expect.objectContaining({ code }) }),
    ]);
  });

  test.each([
    ['a%2Fb%C3', {}, 'no UTF-8 text'],
    ['a%2', {}, 'two hex digits'],
    ['a', { 'content-type': 'banana' }, '"banana" is no media type such as'],
  ])('PUT %s %j says what is wrong', async (address, headers, says) => {
    const answer = await raw('b', address, { method: 'PUT', body: 'v', headers });
    expect(((await answer.json()) as { error: { message: string } }).error.message).toContain(says);
  });

  test('what is not there is a 404 that says what became of it, and a bucket that is not there another', async () => {
    await put('gone', 'v');
    await send('b', 'gone', { method: 'DELETE' });
    expect(await codeOf(send('b', 'gone'))).toBe('404 KEY_NOT_FOUND');
    expect((await send('b', 'gone', { method: 'HEAD' })).status).toBe(404);
    expect(await codeOf(send('nowhere', 'gone'))).toBe('404 BUCKET_NOT_FOUND');
    const again = await send('b', 'gone', { method: 'DELETE' });
    expect([again.status, await again.json()]).toMatchObject([200, { data: { deleted: false } }]);
  });

  test('?revision= reads what was, ?x= is no parameter', async () => {
    const first = await put('r', 'one');
    await put('r', 'two');
    const old = await raw('b', `r?revision=${first}`);
    expect([await old.text(), old.headers.get('etag')]).toEqual(['one', `"${first}"`]);
    expect(await (await raw('b', 'r?consistency=any')).text()).toBe('two');
    expect(await codeOf(raw('b', 'r?revision=x'))).toBe('400 INVALID_INPUT');
    expect(await codeOf(raw('b', 'r?x=1'))).toBe('400 INVALID_INPUT');
  });
});

describe('media types', () => {
  test('the Content-Type of a PUT is kept with the item and answered; the next PUT replaces it', async () => {
    const type = async () => (await send('b', 'type')).headers.get('content-type');
    const store = (headers: Record<string, string>) =>
      send('b', 'type', { method: 'PUT', body: Buffer.from('{"n":1}'), headers });
    await store({ 'content-type': 'image/svg+xml; charset="utf-8"' });
    expect(await type()).toBe('image/svg+xml; charset="utf-8"');
    expect(await k.call('kv-key-get', { bucket: 'b', key: 'type' })).toMatchObject({
      content_type: 'image/svg+xml; charset="utf-8"',
    });
    await k.call('kv-key-touch', { bucket: 'b', key: 'type', ttl: 3_600_000_000_000 });
    await k.call('kv-key-patch', { bucket: 'b', key: 'type', merge: { m: 2 } });
    await k.call('kv-key-copy', { bucket: 'b', key: 'type', to: 'copied' });
    expect([await type(), (await send('b', 'copied')).headers.get('content-type')]).toEqual(
      Array(2).fill('image/svg+xml; charset="utf-8"'),
    );
    await store({});
    expect(await type()).toBe('text/plain; charset=utf-8');
    await send('b', 'type', { method: 'PUT', body: Buffer.from([0xff]) });
    expect(await type()).toBe('application/octet-stream');
    const long = { 'content-type': `a/${'b'.repeat(255)}` };
    expect(await codeOf(store(long))).toBe('400 INVALID_INPUT');
  });
});

describe('conditions', () => {
  test('GET - 304 for who has it, 412 for who wants another', async () => {
    const tag = `"${await put('c', 'v')}"`;
    const asked = async (headers: Record<string, string>) => (await send('b', 'c', { headers })).status;
    expect(await asked({ 'if-none-match': tag })).toBe(304);
    expect(await asked({ 'if-none-match': `W/${tag}, "9999"` })).toBe(304);
    expect(await asked({ 'if-none-match': '*' })).toBe(304);
    expect(await asked({ 'if-none-match': '"9999"' })).toBe(200);
    expect(await asked({ 'if-match': `"1", ${tag}` })).toBe(200);
    expect(await asked({ 'if-match': `W/${tag}` })).toBe(412);
    expect(await asked({ 'if-match': '"9999"', 'if-none-match': tag })).toBe(412);
    const not = await send('b', 'c', { headers: { 'if-none-match': tag } });
    expect([not.headers.get('etag'), not.headers.get('cache-control'), await not.text()]).toEqual([
      tag,
      'private, no-cache',
      '',
    ]);
    expect(await codeOf(send('b', 'none', { headers: { 'if-match': '*' } }))).toBe('412 PRECONDITION_FAILED');
  });

  test.each(['PUT', 'DELETE'])(
    '%s - If-Match and If-None-Match hold at the moment of the write',
    async method => {
      const body = method === 'PUT' ? { body: 'new' } : {};
      const tried = async (key: string, headers: Record<string, string>) =>
        (await send('b', key, { method, headers, ...body })).status;
      const tag = `"${await put('w', 'v')}"`;
      expect(await tried('w', { 'if-match': '"1"' })).toBe(412);
      expect(await tried('w', { 'if-match': `W/${tag}` })).toBe(412);
      expect(await tried('w', { 'if-match': '"no-revision"' })).toBe(412);
      expect(await tried('w', { 'if-none-match': '*' })).toBe(412);
      expect(await tried('w', { 'if-none-match': `"1", ${tag}` })).toBe(412);
      expect(await tried('nothing', { 'if-match': '*' })).toBe(412);
      expect(await (await send('b', 'w')).text()).toBe('v');
      const failed = await send('b', 'w', { method, headers: { 'if-match': '"1"' }, ...body });
      expect(await failed.json()).toMatchObject({
        error: { details: { current_revision: Number(tag.slice(1, -1)) } },
      });
      expect(await tried('w', { 'if-match': `"1", ${tag}` })).toBe(200);
      await put('w', 'v');
      expect(await tried('w', { 'if-match': '*', 'if-none-match': '"1"' })).toBe(200);
    },
  );

  test('PUT - of many that make a key by If-None-Match: * one does', async () => {
    const all = await Promise.all(
      Array.from({ length: 20 }, () =>
        send('b', 'one', { method: 'PUT', body: 'v', headers: { 'if-none-match': '*' } }),
      ),
    );
    expect(all.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(412)]);
  });

  test('PUT - If-Match: * writes over what others write meanwhile, since it is there', async () => {
    await put('busy', 'v');
    const all = await Promise.all(
      Array.from({ length: 6 }, () =>
        send('b', 'busy', { method: 'PUT', body: 'v', headers: { 'if-match': '*' } }),
      ),
    );
    expect(all.map(({ status }) => status)).toEqual(Array(6).fill(200));
  });
});

describe('parts', () => {
  test.each([
    ['bytes=0-2', 206, '012', 'bytes 0-2/10'],
    ['bytes=7-', 206, '789', 'bytes 7-9/10'],
    ['bytes=-3', 206, '789', 'bytes 7-9/10'],
    ['bytes=-99', 206, '0123456789', 'bytes 0-9/10'],
    ['bytes=8-99', 206, '89', 'bytes 8-9/10'],
    ['bytes=0-1,3-4', 200, '0123456789', null],
    ['bytes=5-2', 200, '0123456789', null],
    ['lines=1-2', 200, '0123456789', null],
    ['bytes=-', 200, '0123456789', null],
  ])('Range: %s is %d', async (range, status, text, contentRange) => {
    await put('range', '0123456789');
    const answer = await send('b', 'range', { headers: { range } });
    expect([answer.status, await answer.text(), answer.headers.get('content-range')]).toEqual([
      status,
      text,
      contentRange,
    ]);
  });

  test.each(['bytes=10-', 'bytes=10-12', 'bytes=-0'])('Range: %s is 416 with the size', async range => {
    await put('range', '0123456789');
    const answer = await send('b', 'range', { headers: { range } });
    expect([answer.headers.get('content-range'), await codeOf(answer)]).toEqual([
      'bytes */10',
      '416 RANGE_NOT_SATISFIABLE',
    ]);
  });

  test('If-Range: another revision is answered as a whole', async () => {
    const revision = await put('range', '0123456789');
    const asked = (tag: string) => send('b', 'range', { headers: { range: 'bytes=0-0', 'if-range': tag } });
    expect(await (await asked(`"${revision}"`)).text()).toBe('0');
    expect(await (await asked(`"${revision - 1}"`)).text()).toBe('0123456789');
  });
});

describe('time to live', () => {
  test.each([
    ['3600000000000', 3_600],
    ['1h', 3_600],
    ['90 minutes', 5_400],
  ])('Kvflow-TTL: %s is kept, answered, and how long the value may be cached', async (ttl, seconds) => {
    const stored = await send('b', 'ttl', { method: 'PUT', body: 'v', headers: { 'kvflow-ttl': ttl } });
    const got = await send('b', 'ttl');
    for (const answer of [stored, got]) {
      const left = Number(answer.headers.get('kvflow-ttl')) / 1e9;
      expect(Math.abs(left - seconds)).toBeLessThan(60);
      expect(Date.parse(answer.headers.get('kvflow-expires') ?? '')).toBeGreaterThan(Date.now());
    }
    const [, age] =
      /^private, max-age=(\d+), must-revalidate$/.exec(got.headers.get('cache-control') ?? '') ?? [];
    expect(Math.abs(Number(age) - seconds)).toBeLessThan(60);
  });

  test('a value is never a page of ours, whatever it is called', async () => {
    await put('page', '<script>alert(1)</script>');
    const { headers } = await send('b', 'page');
    expect(headers.get('content-security-policy')).toContain('sandbox');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
  });
});

function raw(bucket: string, address: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${served.url}/buckets/${bucket}/keys/${address}`, init);
}

function send(bucket: string, key: string, init: RequestInit = {}): Promise<Response> {
  return raw(bucket, encodeURIComponent(key), init);
}

async function put(key: string, value: string): Promise<number> {
  return (await k.call('kv-key-put', { bucket: 'b', key, value })).revision as unknown as number;
}

async function codeOf(answering: Response | Promise<Response>): Promise<string> {
  const { status_code, error } = (await (await answering).json()) as {
    status_code: number;
    error: { code: string };
  };
  return `${status_code} ${error.code}`;
}
