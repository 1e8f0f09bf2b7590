import { readFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { makePlace } from '../runtime/transports/cli/kvflow-process.ts';

type Call = (name: string, input: object) => Promise<Record<string, unknown>>;

const page = await readFile(join(import.meta.dirname, '../../docs/hosts/write-your-own.md'), 'utf8');
const [, code = ''] = /## How to call one\s+```ts\n([\s\S]*?)```/.exec(page) ?? [];
const run = stripTypeScriptTypes(code);
const callAs = (url: string, key: string | undefined, runId: string | undefined): Call =>
  new Function('url', 'key', 'runId', `${run}; return call;`)(url, key, runId);

test('write your own host - the page has fewer than 100 lines', () => {
  expect(page.split('\n').length).toBeLessThan(100);
});

test('write your own host - its code calls functions as it stands, with a key, and a repeated step happens once', async () => {
  await using place = await makePlace();
  const key = 'a-key-for-containers';
  const { url } = await place.start({ env: { KVFLOW_API_KEYS: key } });
  expect(await callAs(url, undefined, undefined)('kv-bucket-list', {})).toMatchObject({
    error: { code: 'UNAUTHENTICATED' },
  });
  const call = callAs(url, key, undefined);
  await call('kv-bucket-create', { bucket: 'b' });
  const step = callAs(url, key, 'run-1-step-2');
  const first = await step('kv-key-increment', { bucket: 'b', key: 'n' });
  expect(await step('kv-key-increment', { bucket: 'b', key: 'n' })).toEqual(first);
  expect(await call('kv-key-get', { bucket: 'b', key: 'n' })).toMatchObject({ data: { value: '1' } });
  expect(await call('kv-key-get', { bucket: 'b', key: 'x' })).toMatchObject({
    error: { code: 'KEY_NOT_FOUND', message: expect.any(String), retryable: false },
  });
});

test('write your own host - each function has what the page says it has', async () => {
  await using place = await makePlace();
  const { url } = await place.start();
  const { functions } = (await (await fetch(`${url}/functions`)).json()) as { functions: { name: string }[] };
  expect(functions.map(({ name }) => name)).toContain('kv-key-get');
  const [, shown = ''] = /```jsonc\n([\s\S]*?)```/.exec(page) ?? [];
  const names = [...shown.matchAll(/^ {2}"(\w+)":/gm)].map(([, name]) => name);
  const one = (await (await fetch(`${url}/functions/kv-key-get`)).json()) as object;
  expect(names.length).toBeGreaterThan(5);
  expect(Object.keys(one)).toEqual(expect.arrayContaining(names));
});
