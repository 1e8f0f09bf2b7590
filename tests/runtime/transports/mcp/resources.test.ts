import { beforeAll, expect, test } from '@jest/globals';
import { keyUri, parseResourceUri } from '../../../../runtime/transports/mcp/resource-uri.ts';
import { forAll } from '../../../support/for-all.ts';
import { startMcp, VERSIONS } from './helpers.ts';

const mcp = forAll(startMcp);

beforeAll(async () => {
  await mcp.kvflow.call('kv-bucket-create', { bucket: 'Users', description: 'Who is who' });
  await mcp.kvflow.call('kv-bucket-create', { bucket: 'any', key_encoding: 'base64' });
  const put = (key: string, value: unknown, more = {}) =>
    mcp.kvflow.call('kv-key-put', { bucket: 'Users', key, value, ...more });
  await put('ada', { name: 'Ada' });
  await put('plain', 'just text');
  await put('number', '42');
  await put('a/b=c', 'slashes');
  await put('bytes', '/w==', { encoding: 'base64' });
  await mcp.kvflow.call('kv-key-put', { bucket: 'any', key: 'naïve key: 100%/?#', value: 'odd' });
});

const USERS = 'kvflow://buckets/Users';

test.each(VERSIONS)('mcp resources %s - lists buckets, then keys', async (_v, options) => {
  await using it = await mcp.connect(options);
  const { resources } = await it.client.listResources();
  const uris = resources.map(({ uri }) => uri);
  expect(uris.slice(0, 2)).toEqual([USERS, 'kvflow://buckets/any']);
  expect(uris.slice(2).sort()).toEqual(
    [
      ...['ada', 'plain', 'number', 'a/b=c', 'bytes'].map(key => keyUri('Users', key)),
      keyUri('any', 'naïve key: 100%/?#'),
    ].sort(),
  );
  expect(resources[0]).toMatchObject({
    name: 'Users',
    description: 'Who is who',
    mimeType: 'application/json',
  });
});

test.each(VERSIONS)('mcp resources %s - names the templates', async (_v, options) => {
  await using it = await mcp.connect(options);
  const { resourceTemplates } = await it.client.listResourceTemplates();
  expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual([
    'kvflow://buckets/{bucket}',
    'kvflow://buckets/{bucket}/keys',
    'kvflow://buckets/{bucket}/keys/{key}',
  ]);
});

const VALUES: [uri: string, contents: object][] = [
  [`${USERS}/keys/ada`, { mimeType: 'application/json', text: '{"name":"Ada"}', _meta: { revision: 1 } }],
  [`${USERS}/keys/plain`, { mimeType: 'text/plain', text: 'just text' }],
  [`${USERS}/keys/number`, { mimeType: 'text/plain', text: '42' }],
  [`${USERS}/keys/a%2Fb%3Dc`, { text: 'slashes' }],
  [`${USERS}/keys/a/b=c`, { text: 'slashes' }],
  [`${USERS}/keys/bytes`, { mimeType: 'application/octet-stream', blob: '/w==' }],
  [keyUri('any', 'naïve key: 100%/?#'), { text: 'odd' }],
];

test.each(VERSIONS)('mcp resources %s - reads values as they are', async (_v, options) => {
  await using it = await mcp.connect(options);
  for (const [uri, expected] of VALUES) {
    const { contents } = await it.client.readResource({ uri });
    expect(contents).toEqual([expect.objectContaining({ uri })]);
    expect(contents[0]).toMatchObject(expected);
  }
});

test('mcp resources - reads all buckets, a bucket and its keys as JSON', async () => {
  await using it = await mcp.connect();
  const read = async (uri: string) => {
    const [contents] = (await it.client.readResource({ uri })).contents;
    return JSON.parse(contents && 'text' in contents ? contents.text : '');
  };
  expect(await read('kvflow://buckets')).toMatchObject({ total: 2 });
  expect(await read(USERS)).toMatchObject({ bucket: 'Users', values: 5 });
  const keys = await read(`${USERS}/keys`);
  expect(keys).toMatchObject({ has_more: false });
  expect(keys.items[0]).toMatchObject({ key: 'ada', uri: `${USERS}/keys/ada` });
  expect(keys.items[0].value).toBeUndefined();
});

const MISSING = [
  'kvflow://buckets/none',
  'kvflow://buckets/none/keys/k',
  `${USERS}/keys/none`,
  'kvflow://elsewhere',
  'https://example.org/',
  `${USERS}/keys/%E0%A4%A`,
];

test.each(VERSIONS)('mcp resources %s - what is not there is not found', async (_v, options) => {
  await using it = await mcp.connect(options);
  for (const uri of MISSING) {
    await expect(it.client.readResource({ uri })).rejects.toMatchObject({ code: -32602, data: { uri } });
  }
});

test('mcp resources - a name that no bucket can have is the fault of the caller', async () => {
  await using it = await mcp.connect();
  await expect(it.client.readResource({ uri: 'kvflow://buckets/no%20spaces' })).rejects.toMatchObject({
    code: -32602,
    data: { status_code: 400, error: { code: 'INVALID_INPUT' } },
  });
  await expect(it.client.listResources({ cursor: 'nonsense' })).rejects.toMatchObject({
    code: -32602,
    data: { error: { code: 'INVALID_INPUT' } },
  });
});

test('mcp resources - a long list comes in pages and ends at five thousand keys', async () => {
  await using big = await startMcp();
  for (const bucket of ['b1', 'b2', 'b3'])
    await big.kvflow.call('kv-bucket-create', { bucket, storage: 'memory' });
  for (const [bucket, count] of [
    ['b1', 700],
    ['b3', 5_000],
  ] as const) {
    for (let from = 0; from < count; from += 1_000) {
      const items = Array.from({ length: Math.min(1_000, count - from) }, (_, n) => ({
        key: `k${from + n}`,
        value: 'v',
      }));
      await big.kvflow.call('kv-key-put-many', { bucket, items });
    }
  }
  await using it = await big.connect();
  const { resources } = await it.client.listResources();
  expect(resources).toHaveLength(3 + 5_000);
  expect(new Set(resources.map(({ uri }) => uri)).size).toBe(3 + 5_000);
});

test('mcp resources - a URI and what it names belong to each other', () => {
  for (const key of ['a', 'a.b', 'a/b', '..', '%', 'keys', 'é ?#', 'x/keys/y']) {
    expect(parseResourceUri(keyUri('b', key))).toEqual({ kind: 'key', bucket: 'b', key });
  }
  expect(parseResourceUri('kvflow://buckets/keys')).toEqual({ kind: 'bucket', bucket: 'keys' });
  expect(parseResourceUri('kvflow://buckets/keys/keys')).toEqual({ kind: 'keys', bucket: 'keys' });
  expect(parseResourceUri('kvflow://buckets/b/keys/keys')).toEqual({ kind: 'key', bucket: 'b', key: 'keys' });
  expect(parseResourceUri('kvflow://buckets/')).toBeUndefined();
});
