/** @kvflow/client against a real kvflow. */

import { execFile } from 'node:child_process';
import { getEventListeners } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { createClient, KvflowError } from '../../hosts/client/src/index.ts';
import { isOvertaken, type Reach, reachOf } from '../../hosts/client/src/reach.ts';
import manifest from '../../manifest.json' with { type: 'json' };
import { forAll } from '../support/for-all.ts';
import { startKvflow } from '../support/kvflow.ts';
import { serve } from '../support/served.ts';
import { all, valuesThrough } from './support/client-works.ts';

const sent: string[] = [];

/** The global one, with what was asked for written down. */
const counting: typeof fetch = (url, init) => {
  sent.push(new URL(String(url)).pathname);
  return fetch(url, init);
};

const kvflow = forAll(startKvflow);
const served = forAll(() => serve(kvflow));

test('client over HTTP - a write that failed is not made again after a later one of its key', async () => {
  const values: unknown[] = [];
  let refused = 1;
  const fake = (async (url: string | URL, { body }: RequestInit = {}) => {
    const sent = JSON.parse(String(body)) as { items?: { input: { value: string } }[]; value?: string };
    const answers = (sent.items ?? [{ input: sent as { value: string } }]).map(({ input }) => {
      if (refused-- > 0)
        return { status_code: 503, error: { code: 'UNAVAILABLE', message: 'Later.', retryable: true } };
      values.push(input.value);
      return { status_code: 200, data: {} };
    });
    const [alone] = answers;
    const isBatch = String(url).endsWith('/invocations') && sent.items !== undefined;
    return Response.json(isBatch ? { items: answers } : alone, {
      status: isBatch ? 200 : (alone?.status_code ?? 500),
    });
  }) as typeof fetch;
  const client = createClient({ url: 'http://kvflow', fetch: fake, retries: 3 });
  const put = (key: string, value: string) => client.kvKeyPut({ bucket: 'b', key, value });
  const outcomes = await Promise.allSettled([put('k', 'older'), put('k', 'newer'), put('other', 'x')]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
  refused = 1;
  await Promise.all([put('other', 'again'), put('k', 'last')]);
  expect(values).toEqual(['newer', 'x', 'last', 'again']);
  const step = () => client.kvKeyIncrement({ bucket: 'b', key: 'n' });
  const onItsRevision = () => client.kvKeyPut({ bucket: 'b', key: 'c', value: 'x', expected_revision: 1 });
  for (const twice of [step, onItsRevision]) {
    refused = 1;
    // Neither takes back what the other did.
    await Promise.all([twice(), twice()]);
  }
});

test.each<[name: string, earlier: [string, object], later: [string, object], repeats: boolean]>([
  ['a copy', ['kv-key-copy', { key: 'a', to: 'b' }], ['kv-key-put', { key: 'b' }], false],
  ['a copy, by its source', ['kv-key-copy', { key: 'a', to: 'b' }], ['kv-key-put', { key: 'a' }], true],
  [
    'a copy into another bucket',
    ['kv-key-copy', { key: 'a', to_bucket: 'other', to: 'b', expected_revision: 1 }],
    ['kv-key-delete', { bucket: 'other', key: 'b' }],
    false,
  ],
  ['a rename, by its source', ['kv-key-rename', { key: 'a', to: 'b' }], ['kv-key-put', { key: 'a' }], false],
  ['a rename', ['kv-key-rename', { key: 'a', to: 'b' }], ['kv-key-put', { key: 'b' }], false],
  [
    'many puts',
    ['kv-key-put-many', { items: [{ key: 'a' }, { key: 'b' }] }],
    ['kv-key-put', { key: 'b' }],
    false,
  ],
  ['a put', ['kv-key-put', { key: 'b' }], ['kv-key-put-many', { items: [{ key: 'b' }] }], false],
  [
    'a transaction',
    [
      'kv-transact',
      {
        operations: [
          { op: 'increment', key: 'a' },
          { op: 'delete', key: 'b' },
        ],
      },
    ],
    ['kv-key-put', { key: 'b' }],
    false,
  ],
  [
    'a transaction of steps and of writes on their revision',
    [
      'kv-transact',
      {
        operations: [
          { op: 'increment', key: 'a' },
          { op: 'put', key: 'b', expected_revision: 1 },
        ],
      },
    ],
    [
      'kv-transact',
      {
        operations: [
          { op: 'put', key: 'a' },
          { op: 'put', key: 'b' },
        ],
      },
    ],
    true,
  ],
])('client - whether %s that was overtaken may be made again', (_name, earlier, later, repeats) => {
  const [first, second] = [earlier, later].map(([name, input]) =>
    reachOf(name, { bucket: 'here', ...input }),
  );
  expect(isOvertaken(first as Reach, [second as Reach])).toBe(!repeats);
  expect(isOvertaken(first as Reach, [])).toBe(false);
});

test('client - knows by their names which functions change nothing', () => {
  for (const { name, annotations } of manifest.functions)
    expect({ name, reads: reachOf(name, {}).reads }).toEqual({ name, reads: annotations.readOnly });
});

test('client - every function is a method, and a name with its input is the same', async () => {
  const client = createClient({ url: `${served.url}/` });
  await client.kvBucketCreate({ bucket: 'typed', history: 5 });
  const { revision } = await client.kvKeyPut({ bucket: 'typed', key: 'a', value: { theme: 'dark' } });
  expect(revision).toBe(1);
  expect(await client.kvKeyGet({ bucket: 'typed', key: 'a', json: true })).toMatchObject({
    value: { theme: 'dark' },
  });
  expect(await client.call('kv-key-list', { bucket: 'typed' })).toMatchObject({ items: [{ key: 'a' }] });
});

test('client - calls of one tick are one request, in order, each with an outcome of its own', async () => {
  const client = createClient({ url: served.url, fetch: counting });
  await client.kvBucketCreate({ bucket: 'batched' });
  sent.length = 0;
  const outcomes = await Promise.allSettled([
    client.kvKeyPut({ bucket: 'batched', key: 'k', value: 'one' }),
    client.kvKeyPut({ bucket: 'batched', key: 'k', value: 'two', expected_revision: 99 }),
    client.kvKeyPut({ bucket: 'batched', key: 'k', value: 'three' }),
    client.kvKeyGet({ bucket: 'batched', key: 'k' }),
  ]);
  expect(sent).toEqual(['/invocations']);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
  expect(outcomes[1]).toMatchObject({ reason: { code: 'REVISION_CONFLICT', status: 409, retryable: false } });
  expect(outcomes[3]).toMatchObject({ value: { value: 'three' } });
});

test('client - what may pass is tried again with one idempotency key, and what cannot pass is not', async () => {
  const keys: (string | undefined)[] = [];
  let failures = 2;
  const flaky: typeof fetch = async (url, init) => {
    keys.push(new Headers(init?.headers).get('idempotency-key') ?? undefined);
    if (failures-- > 0)
      return Response.json(
        { status_code: 503, error: { code: 'UNAVAILABLE', message: 'Later.', retryable: true } },
        { status: 503 },
      );
    return fetch(url, init);
  };
  const client = createClient({ url: served.url, fetch: flaky, batch: false });
  await client.kvBucketCreate({ bucket: 'flaky' });
  expect(keys).toHaveLength(3);
  expect(new Set(keys).size).toBe(1);
  keys.length = 0;
  await expect(client.kvKeyGet({ bucket: 'flaky', key: 'none' })).rejects.toThrow(KvflowError);
  expect(keys).toHaveLength(1);
  const away = createClient({ url: 'http://127.0.0.1:9', retries: 0 });
  await expect(away.kvBucketList({})).rejects.toMatchObject({
    code: 'UNREACHABLE',
    retryable: true,
    status: 0,
  });
});

test('client - a signal that outlives its calls holds on to none of them', async () => {
  const client = createClient({ url: served.url, retries: 0 });
  const { signal } = new AbortController();
  await client.kvBucketList({}, { signal });
  await expect(client.kvBucketInfo({ bucket: 'nowhere' }, { signal })).rejects.toMatchObject({
    code: 'BUCKET_NOT_FOUND',
  });
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('client - a watch goes on over lost connections without a gap or a repetition', async () => {
  await kvflow.call('kv-bucket-create', { bucket: 'watched' });
  let cut = new AbortController();
  const breaking: typeof fetch = (url, init) => {
    cut = new AbortController();
    return fetch(url, {
      ...init,
      signal: AbortSignal.any([cut.signal, ...(init?.signal ? [init.signal] : [])]),
    });
  };
  const client = createClient({ url: served.url, fetch: breaking });
  const ended = new AbortController();
  const put = (value: string) => kvflow.call('kv-key-put', { bucket: 'watched', key: 'k', value });
  await put('0');
  const seen: (string | undefined)[] = [];
  for await (const { value } of client.watch('watched', { start: 'history', signal: ended.signal })) {
    seen.push(value);
    if (seen.length === 4) ended.abort();
    else {
      if (seen.length === 2) cut.abort();
      await put(String(seen.length));
    }
  }
  expect(seen).toEqual(['0', '1', '2', '3']);
  const [before] = await all(client.watch('watched', { start: 'current' }), 1);
  await client.kvBucketDelete({ bucket: 'watched', confirm: 'watched' });
  await client.kvBucketCreate({ bucket: 'watched' });
  await put('again');
  const told: string[] = [];
  const options = { after: before?.id ?? '', onReset: (reason: string) => void told.push(reason) };
  expect(await all(client.watch('watched', options), 1)).toMatchObject([{ value: 'again' }]);
  expect(told).toEqual(['bucket_made_again']);
  const wrong = client.watch('nowhere');
  await expect(wrong.next()).rejects.toMatchObject({ code: 'BUCKET_NOT_FOUND' });
});

/** The client as it is published. */
async function builtClient(): Promise<AsyncDisposable & { folder: string; files: string[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'kvflow-client-'));
  const root = join(import.meta.dirname, '../..');
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  await promisify(execFile)(process.execPath, [tsc, '-p', join(root, 'hosts/client'), '--outDir', folder]);
  const files = (await readdir(folder, { recursive: true })).filter(file => file.endsWith('.js'));
  return {
    folder,
    files,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

test('client - it is small, needs nothing, and works where there is nothing of Node', async () => {
  await using built = await builtClient();
  const texts = await Promise.all(built.files.map(file => readFile(join(built.folder, file), 'utf8')));
  expect(gzipSync(texts.join('\n')).length).toBeLessThan(12_000);
  expect(texts.join('\n')).not.toMatch(/from '[^.]/);
  // Node's own fetch uses some of its globals, so they cannot be taken away below.
  expect(texts.join('\n')).not.toMatch(/\b(Buffer|process|require|setImmediate)\b[.(]/);
  const index = built.files.find(file => file.endsWith('hosts/client/src/index.js')) ?? '';
  const program = `
    import { registerHooks, builtinModules } from 'node:module';
    const { stdout } = process;
    registerHooks({ resolve: (name, context, next) => {
      if (name.startsWith('node:') || builtinModules.includes(name)) throw new Error('imports ' + name);
      return next(name, context);
    } });
    for (const name of ['process', 'global', 'require'])
      Object.defineProperty(globalThis, name, { get: () => { throw new Error('uses ' + name); } });
    const { createClient } = await import(${JSON.stringify(pathToFileURL(join(built.folder, index)).href)});
    const client = createClient({ url: ${JSON.stringify(served.url)} });
    await client.kvBucketCreate({ bucket: 'edge' });
    const puts = await Promise.all(['a', 'b'].map(key => client.kvKeyPut({ bucket: 'edge', key, value: { key } })));
    const ending = new AbortController();
    const seen = [];
    for await (const change of client.watch('edge', { start: 'history', signal: ending.signal })) {
      seen.push(change.key);
      if (seen.length === 2) ending.abort();
    }
    stdout.write(JSON.stringify({ puts: puts.length, seen }));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
  expect(JSON.parse(stdout)).toEqual({ puts: 2, seen: ['a', 'b'] });
});

test('client - every value is stored as in all hosts, and what is no JSON value of kvflow is refused', async () => {
  await valuesThrough(kvflow, 'client', createClient({ url: served.url }));
});
