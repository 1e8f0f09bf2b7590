/** The package for n8n, built and loaded as n8n does it, against a real kvflow server that asks for an API key. */

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from '@jest/globals';
import manifest from '../../../manifest.json' with { type: 'json' };
import { makeCertificates } from '../../support/certificates.ts';
import { closedAccess as closed, TEST_KEY as KEY } from '../../support/closed-access.ts';
import { forAll } from '../../support/for-all.ts';
import { expectHostValues } from '../../support/host-values.ts';
import { startHttpsFront } from '../../support/https-front.ts';
import { startKvflow } from '../../support/kvflow.ts';
import { serve } from '../../support/served.ts';
import type { N8nPackage } from '../support/n8n.ts';
import {
  execute,
  executeOutputs,
  loadN8nPackage,
  searchList,
  testCredential,
  valueFields,
} from '../support/n8n.ts';
import { trigger } from './trigger.ts';

let pack: N8nPackage;
const credential = () => ({ url: `${served.url}/`, apiKey: KEY });
const bucket = { mode: 'name', value: 'b' };

const kvflow = forAll(startKvflow);
const served = forAll(() => serve(kvflow, { access: closed }));

beforeAll(async () => {
  pack = await loadN8nPackage();
  await kvflow.call('kv-bucket-create', { bucket: 'b', key_ttl: true });
  await kvflow.call('kv-bucket-create', { bucket: 'with-history', history: 5 });
});

test('n8n - every function of the manifest is an operation, and the node can be a tool', () => {
  const { properties, usableAsTool } = pack.nodes.kvflow?.description ?? { properties: [] };
  const operations = properties
    .filter(({ name }) => name === 'operation')
    .flatMap(({ options }) => options ?? []);
  const values = operations.map(option => 'value' in option && option.value).sort();
  expect(values).toEqual(manifest.functions.map(({ name }) => name).sort());
  expect(usableAsTool).toBe(true);
});

test('n8n - icons and codex are where the built nodes look for them', () => {
  for (const path of pack.manifest.n8n.nodes) {
    const file = join(import.meta.dirname, '../../../hosts/n8n', path);
    expect(existsSync(file.replace(/\.js$/, '.json'))).toBe(true);
  }
  for (const { description } of Object.values(pack.nodes)) {
    const { light, dark } = description.icon as { light: string; dark: string };
    for (const icon of [light, dark]) {
      const path = join(
        import.meta.dirname,
        '../../../hosts/n8n/dist/nodes/Kvflow',
        icon.replace('file:', ''),
      );
      expect(existsSync(path)).toBe(true);
    }
  }
});

test('n8n - the credential is tested against the server', async () => {
  expect(await testCredential(pack, credential())).toBe(200);
  expect(await testCredential(pack, { ...credential(), apiKey: 'wrong' })).toBe(401);
});

test('n8n - each item is a call, and its answer is paired with it', async () => {
  const parameters = {
    resource: 'key',
    operation: 'kv-key-put',
    bucket,
    key: (item: { id: string }) => `user.${item.id}`,
    value: (item: object) => item,
    options: { ttl: 90 },
  };
  const items = [{ id: '1' }, { id: '2' }];
  const answers = await execute(pack, { credential: credential(), parameters: parameters as never, items });
  expect(answers).toMatchObject([
    { json: { key: 'user.1', revision: expect.any(Number) }, pairedItem: { item: 0 } },
    { json: { key: 'user.2' }, pairedItem: { item: 1 } },
  ]);
  const stored = await kvflow.call('kv-key-get', { bucket: 'b', key: 'user.2' });
  // Its writes say who made them.
  expect(stored).toMatchObject({ value: '{"id":"2"}', by: { host: 'n8n', node: 'kvflow' } });
  const lifetime = Date.parse(String(stored.expires_at)) - Date.parse(String(stored.created_at));
  expect(Math.round(lifetime / 1000)).toBe(90);
});

test('n8n - a write says workflow and node, however long and in whatever letters they are named', async () => {
  const node = `${'x'.repeat(99)}😀`;
  const parameters = { resource: 'key', operation: 'kv-key-put', bucket, key: 'named', value: '1' };
  const names = { workflow: 'Bestellungen; \ud800; key=admin', node };
  await execute(pack, { credential: credential(), parameters: parameters as never, names });
  const { by } = await kvflow.call('kv-key-get', { bucket: 'b', key: 'named' });
  expect(by).toEqual({ host: 'n8n', flow: 'Bestellungen; \ufffd; key=admin', node: 'x'.repeat(99) });
});

test('n8n - a thousand items are one request, and each has its own outcome', async () => {
  const asked: string[] = [];
  const request = (path: string) => void asked.push(path);
  const parameters = {
    operation: 'kv-key-put',
    bucket,
    key: (item: { n: number }) => (item.n === 7 ? 'no key' : `many.${item.n}`),
    value: (item: { n: number }) => item.n,
  };
  const items = Array.from({ length: 1_001 }, (_item, n) => ({ n }));
  const options = { credential: credential(), parameters: parameters as never, items, request };
  const answers = await execute(pack, { ...options, continueOnFail: true });
  expect(asked).toEqual(['/invocations', '/functions/kv-key-put/invocations']);
  expect(answers).toHaveLength(1_001);
  expect(answers[7]).toMatchObject({ json: { code: 'INVALID_INPUT' }, pairedItem: { item: 7 } });
  expect(answers[1_000]).toMatchObject({ json: { key: 'many.1000' }, pairedItem: { item: 1_000 } });
  await expect(execute(pack, options)).rejects.toMatchObject({ context: { itemIndex: 7 } });
  asked.length = 0;
  const lock = {
    operation: 'kv-lock-acquire',
    bucket,
    key: (item: { n: number }) => `lock.${item.n}`,
    ttl: 9,
  };
  const locks = { ...options, items: [{ n: 1 }, { n: 2 }] };
  await execute(pack, { ...locks, parameters: { ...lock, options: { wait: 1 } } as never });
  expect(asked).toEqual(['kv-lock-acquire', 'kv-lock-acquire'].map(name => `/functions/${name}/invocations`));
});

test.each([
  ['a number', 42, '42', 42],
  ['zero', 0, '0', 0],
  ['a boolean', false, 'false', false],
  ['a date', new Date(0), '1970-01-01T00:00:00.000Z', '1970-01-01T00:00:00.000Z'],
  ['a long id', '12345678901234567890', '12345678901234567890', '12345678901234567890'],
  ['an object', { a: [1] }, '{"a":[1]}', { a: [1] }],
])(
  'n8n - %s is stored as it is and comes back as a workflow uses it',
  async (_what, value, stored, usable) => {
    const common = { bucket, key: 'typed' };
    const call = (operation: string, more: object, typeVersion: number) => {
      const parameters = { operation, ...common, ...more } as never;
      return execute(pack, { credential: credential(), parameters, typeVersion });
    };
    await call('kv-key-put', { value: () => value }, 2);
    expect(await kvflow.call('kv-key-get', { bucket: 'b', key: 'typed' })).toMatchObject({ value: stored });
    expect((await call('kv-key-get', {}, 2))[0]?.json.value).toEqual(usable);
    // Workflows that were drawn before go on with text.
    expect((await call('kv-key-get', {}, 1))[0]?.json.value).toBe(stored);
  },
);

test('n8n - every value is stored as in all hosts', async () => {
  const put = async (key: string, value: unknown) => {
    const isFile = Buffer.isBuffer(value);
    const parameters = {
      operation: 'kv-key-put',
      bucket: { mode: 'name', value: 'values' },
      key,
      ...(isFile ? { options: { inputBinaryField: 'data' } } : { value: () => value }),
    } as never;
    const binary = isFile ? { binary: { data: value } } : {};
    await execute(pack, { credential: credential(), parameters, typeVersion: 2, ...binary });
  };
  // Expressions of workflows yield neither.
  await expectHostValues({ kvflow, host: 'n8n', put, without: ['a Map', 'a Set'] });
});

test('n8n - a file of an item is stored as bytes and comes back as a file', async () => {
  const bytes = Buffer.from([0, 255, 10, 128]);
  const run = (operation: string, options: object) => {
    const parameters = { operation, bucket, key: 'files/a.png', options };
    return execute(pack, { credential: credential(), parameters, binary: { data: bytes } });
  };
  await run('kv-key-put', { inputBinaryField: 'data' });
  const [item] = await run('kv-key-get', { outputBinaryField: 'file' });
  expect(item).toMatchObject({
    json: { key: 'files/a.png' },
    binary: { file: { data: bytes.toString('base64'), fileName: 'a.png' } },
  });
  expect(item?.json).not.toHaveProperty('value');
  await expect(run('kv-key-put', { inputBinaryField: 'other' })).rejects.toThrow('binary file');
});

test('n8n - JSON parameters are parsed', async () => {
  const parameters = { resource: 'key', operation: 'kv-key-get-many', bucket, keys: '["user.1","never"]' };
  const [answer] = await execute(pack, { credential: credential(), parameters });
  expect(answer?.json).toMatchObject({ items: [{ key: 'user.1' }], missing: ['never'] });
});

test('n8n - a missing key is an answer or a failure, as chosen', async () => {
  const parameters = { resource: 'key', operation: 'kv-key-get', bucket, key: 'never' };
  const run = (options: object) =>
    execute(pack, { credential: credential(), parameters: { ...parameters, options } });
  expect((await run({ onMissing: 'answer' }))[0]?.json).toMatchObject({ found: false });
  await expect(run({})).rejects.toMatchObject({ name: 'NodeApiError', httpCode: '404' });
});

test('n8n - what there is nothing to go on with leaves by a second output, where one is asked for', async () => {
  const run = (operation: string, fields: object, options: object = { onMissing: 'output' }) => {
    const parameters = { operation, bucket, options, ...fields };
    return executeOutputs(pack, { credential: credential(), parameters });
  };
  expect(await run('kv-key-get', { key: 'never' })).toMatchObject([[], [{ json: { found: false } }]]);
  expect(await run('kv-queue-take', { queue: 'none' })).toMatchObject([[], [{ json: { taken: false } }]]);
  expect(await run('kv-queue-take', { queue: 'none' }, {})).toMatchObject([[{ json: { taken: false } }]]);
});

test('n8n - a failure is a NodeApiError with the message and code, or an item when the node goes on', async () => {
  const parameters = {
    resource: 'key',
    operation: 'kv-key-put',
    bucket: { mode: 'name', value: 'nowhere' },
    key: 'a',
    value: 'b',
  };
  const options = { credential: credential(), parameters };
  await expect(execute(pack, options)).rejects.toMatchObject({
    name: 'NodeApiError',
    httpCode: '404',
    message: expect.stringContaining('There is no bucket "nowhere"'),
  });
  const [answer] = await execute(pack, { ...options, continueOnFail: true });
  expect(answer).toMatchObject({
    json: { error: expect.stringContaining('nowhere') },
    pairedItem: { item: 0 },
  });
});

test('n8n - a server that is away is a failure that says what to do', async () => {
  const away = {
    credential: { url: 'http://127.0.0.1:9', apiKey: '' },
    parameters: { resource: 'bucket', operation: 'kv-bucket-list' },
  };
  await expect(execute(pack, away)).rejects.toMatchObject({
    message: expect.stringContaining('not reachable'),
    description: expect.stringContaining('kvflow start'),
  });
});

test('n8n - bucket fields offer the buckets there are', async () => {
  const options = { credential: credential(), parameters: {} };
  expect(await searchList(pack, options)).toEqual({
    results: ['b', 'values', 'with-history'].map(name => ({ name, value: name })),
  });
  expect(await searchList(pack, options, 'hist')).toEqual({
    results: [{ name: 'with-history', value: 'with-history' }],
  });
  expect(await searchList(pack, options, 'x')).toEqual({ results: [] });
});

test('n8n - a value is put together of fields, which the bucket tells by its schema or its items', async () => {
  const value_schema = {
    type: 'object',
    required: ['name'],
    properties: {
      name: { type: 'string', title: 'Name' },
      age: { type: 'integer' },
      plan: { enum: ['free', 'pro'] },
    },
  };
  await kvflow.call('kv-bucket-create', { bucket: 'with-schema', value_schema });
  const mapped = (name: string, valueFields: object) => ({
    credential: credential(),
    parameters: {
      resource: 'key',
      operation: 'kv-key-put',
      bucket: { mode: 'name', value: name },
      key: 'mapped',
      valueFrom: 'fields',
      valueFields,
    } as never,
  });
  const offered = await valueFields(pack, mapped('with-schema', {}));
  expect(offered.map(({ id, displayName, type, required }) => [id, displayName, type, required])).toEqual([
    ['name', 'Name', 'string', true],
    ['age', 'age', 'number', false],
    ['plan', 'plan', 'options', false],
  ]);
  const below = { mappingMode: 'defineBelow', value: { name: 'Ada', age: 36, plan: null } };
  await execute(pack, mapped('with-schema', below));
  const stored = await kvflow.call('kv-key-get', { bucket: 'with-schema', key: 'mapped', json: true });
  expect(stored).toMatchObject({ value: { name: 'Ada', age: 36 } });
  // Automatically: every field of the item.
  const items = [{ city: 'London', tags: ['a'], live: true }];
  await kvflow.call('kv-bucket-create', { bucket: 'without-schema' });
  await execute(pack, {
    ...mapped('without-schema', { mappingMode: 'autoMapInputData', value: null }),
    items,
  });
  expect(
    await kvflow.call('kv-key-get', { bucket: 'without-schema', key: 'mapped', json: true }),
  ).toMatchObject({
    value: items[0],
  });
  expect((await valueFields(pack, mapped('without-schema', {}))).map(({ id, type }) => [id, type])).toEqual(
    expect.arrayContaining([
      ['city', 'string'],
      ['tags', 'array'],
      ['live', 'boolean'],
    ]),
  );
  expect(await valueFields(pack, mapped('', {}))).toEqual([]);
});

test('n8n - a certificate of an authority of our own is taken, or none is asked for', async () => {
  await using certificates = await makeCertificates();
  await using front = await startHttpsFront(served.url, certificates.server);
  const url = `https://localhost:${front.port}`;
  const ca = await readFile(certificates.ca, 'utf8');
  const parameters = { resource: 'bucket', operation: 'kv-bucket-list' };
  const list = (more: object) => execute(pack, { credential: { url, apiKey: KEY, ...more }, parameters });
  await expect(list({})).rejects.toMatchObject({ message: expect.stringContaining('not reachable') });
  for (const tls of [{ ca }, { ignoreSslIssues: true }]) {
    const [answer] = await list(tls);
    expect(answer?.json).toMatchObject({ buckets: expect.any(Array) });
  }
});

test('n8n - the README has what verification of a community node asks for, with links that work on npm', async () => {
  const text = await readFile(join(import.meta.dirname, '../../../hosts/n8n/README.md'), 'utf8');
  const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
  expect(headings).toEqual(
    expect.arrayContaining([
      'Installation',
      'Operations',
      'Credentials',
      'Compatibility',
      'Usage',
      'Resources',
    ]),
  );
  for (const [, target = ''] of text.matchAll(/\]\(([^)]+)\)/g)) {
    if (target.startsWith('#'))
      expect(headings.map(heading => `#${heading?.toLowerCase()}`)).toContain(target);
    else expect(target).toMatch(/^https:\/\//);
  }
  expect(text).toContain('n8n-nodes-kvflow');
});

test("n8n - the package passes n8n's linter for community nodes, warnings included", async () => {
  const lint = join(import.meta.dirname, '../../../scripts/lint-n8n.ts');
  const { stdout } = await promisify(execFile)(process.execPath, ['--no-warnings', lint]);
  const { files, findings, canary } = JSON.parse(stdout);
  expect(findings).toEqual([]);
  expect(files).toBeGreaterThan(5);
  // The linter does see what is wrong, where something is.
  expect(canary).toContain('@n8n/community-nodes/require-node-api-error');
  expect(canary).toContain('@n8n/community-nodes/no-restricted-imports');
});

trigger({ kvflow, served, pack: () => pack });
