import { expect, test } from '@jest/globals';
import { startKvflow } from '../../support/kvflow.ts';
import { openAccess } from '../../support/open-access.ts';
import { serve, startServed } from '../../support/served.ts';

const NDJSON = { 'content-type': 'application/x-ndjson' };

async function linesOf(url: string): Promise<Record<string, unknown>[]> {
  const text = await (await fetch(url)).text();
  return text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
}

test('export and import - a bucket comes back byte for byte, over pages', async () => {
  await using k = await startServed();
  await k.call('kv-bucket-create', {
    bucket: 'from',
    key_encoding: 'base64',
    key_ttl: true,
    metadata: { a: 'b' },
  });
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i)).toString('base64');
  for (let page = 0; page < 3; page++) {
    const items = Array.from({ length: 1_000 }, (_, i) => ({
      key: `k ${page}.${i}`,
      value: `\uFEFF${i}\n"ü"`,
    }));
    await k.call('kv-key-put-many', { bucket: 'from', items });
  }
  await k.call('kv-key-put', { bucket: 'from', key: 'bytes', value: bytes, encoding: 'base64' });
  await k.call('kv-key-put', { bucket: 'from', key: 'short', value: 'x', ttl: 3_600_000_000_000 });
  const text = await (await fetch(`${k.url}/buckets/from/export`)).text();
  const answer = await fetch(`${k.url}/buckets/to/import?create=true`, {
    method: 'POST',
    headers: NDJSON,
    body: text,
  });
  expect(await answer.json()).toMatchObject({
    status_code: 200,
    data: { imported: 3_002, skipped: 0, failed: [] },
  });
  // Lines are read at once in several groups, so keys may come in another order.
  const exported = async (bucket: string) =>
    (await linesOf(`${k.url}/buckets/${bucket}/export`))
      .flatMap(({ key, value, encoding, expires_at }) =>
        key === undefined
          ? []
          : [{ key: String(key), value, encoding, expires: String(expires_at).slice(0, -5) }],
      )
      .sort((one, other) => (one.key < other.key ? -1 : 1));
  expect(await exported('to')).toEqual(await exported('from'));
  expect(await k.call('kv-bucket-info', { bucket: 'to' })).toMatchObject({
    key_encoding: 'base64',
    metadata: { a: 'b' },
  });
});

test('export - begins with the options, ends with a count, goes on from where it broke off', async () => {
  await using k = await startServed();
  await k.call('kv-bucket-create', { bucket: 'b', history: 3 });
  for (const key of ['a', 'b', 'c']) await k.call('kv-key-put', { bucket: 'b', key, value: key });
  const all = await linesOf(`${k.url}/buckets/b/export`);
  expect(all.at(0)).toMatchObject({ kvflow_export: 1, bucket: 'b', options: { history: 3 } });
  expect(all.at(-1)).toEqual({
    end: true,
    records: 3,
    next: 3,
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  const rest = await linesOf(`${k.url}/buckets/b/export?after=2`);
  expect(rest).toMatchObject([{ key: 'c' }, { end: true, records: 1 }]);
  const found = await linesOf(`${k.url}/buckets/b/export?after=1&query=value:b`);
  expect(found).toMatchObject([{ key: 'b' }, { end: true, records: 1 }]);
});

test('import - on_conflict decides what happens to keys that are there', async () => {
  await using k = await startServed();
  await k.call('kv-bucket-create', { bucket: 'b' });
  await k.call('kv-key-put', { bucket: 'b', key: 'a', value: 'old' });
  const body = '{"key":"a","value":"new"}\n{"key":"b","value":"new"}';
  const send = async (query: string) =>
    (await fetch(`${k.url}/buckets/b/import${query}`, { method: 'POST', headers: NDJSON, body })).json();
  expect(await send('?on_conflict=fail')).toMatchObject({
    status_code: 409,
    error: { code: 'REVISION_CONFLICT' },
  });
  expect(await send('?on_conflict=skip')).toMatchObject({ data: { skipped: 1 } });
  expect(await k.call('kv-key-get', { bucket: 'b', key: 'a' })).toMatchObject({ value: 'old' });
  expect(await send('?on_conflict=overwrite')).toMatchObject({ data: { imported: 2 } });
  expect(await k.call('kv-key-get', { bucket: 'b', key: 'a' })).toMatchObject({ value: 'new' });
});

test('import - says which line is wrong, and takes nothing but NDJSON', async () => {
  await using k = await startServed();
  await k.call('kv-bucket-create', { bucket: 'b' });
  const url = `${k.url}/buckets/b/import`;
  const send = async (body: string, headers: Record<string, string> = NDJSON) =>
    (await fetch(url, { method: 'POST', headers, body })).json();
  expect(await send('{"key":"a","value":"1"}\nnot json\n')).toMatchObject({
    error: { code: 'INVALID_INPUT', details: { line: 2 } },
  });
  expect(await send('{"key":"a","value":"1"}\n\n{"key":"b","value":7}')).toMatchObject({
    status_code: 400,
    error: {
      details: { line: 3 },
      errors: [{ pointer: '/value' }],
      message: expect.stringMatching(/^line 3: \/value must be string/),
    },
  });
  expect(await send('{}', { 'content-type': 'application/json' })).toMatchObject({ status_code: 415 });
  expect(
    await (await fetch(`${url}?what=1`, { method: 'POST', headers: NDJSON, body: '' })).json(),
  ).toMatchObject({
    error: { errors: [{ pointer: '/what' }] },
  });
});

test('export and import - are for those who may', async () => {
  await using k = await startKvflow();
  const reader = { name: 'reader', functions: ['*'], buckets: ['mine'], readOnly: true };
  await using http = await serve(k, {
    access: { ...openAccess, required: () => true, authenticate: () => reader },
  });
  for (const bucket of ['mine', 'other']) await k.call('kv-bucket-create', { bucket });
  const post = { method: 'POST', headers: NDJSON, body: '{"key":"a","value":"1"}' };
  expect((await fetch(`${http.url}/buckets/mine/export`)).status).toBe(200);
  expect((await fetch(`${http.url}/buckets/other/export`)).status).toBe(403);
  expect((await fetch(`${http.url}/buckets/mine/import`, post)).status).toBe(403);
  expect((await fetch(`${http.url}/buckets/nowhere/export`)).status).toBe(403);
});

test('import - create that is neither true nor false is refused before anything is made', async () => {
  await using k = await startServed();
  for (const create of ['maybe', '', '1', 'TRUE']) {
    const answer = await fetch(`${k.url}/buckets/to/import?create=${create}`, {
      method: 'POST',
      headers: NDJSON,
      body: '{"kvflow_export":1,"bucket":"to","options":{}}\n{"key":"a","value":"1"}\n',
    });
    expect(await answer.json()).toMatchObject({
      status_code: 400,
      error: { code: 'INVALID_INPUT', errors: [{ pointer: '/create', message: 'must be true or false' }] },
    });
  }
  expect((await k.fail('kv-bucket-info', { bucket: 'to' })).code).toBe('BUCKET_NOT_FOUND');
});
