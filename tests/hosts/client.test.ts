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
import {
  type Change,
  type Client,
  createClient,
  type ErrorsOf,
  isErrorOf,
  KvflowError,
} from '../../hosts/client/src/index.ts';
import { createNatsClient } from '../../hosts/client/src/nats.ts';
import { isOvertaken, type Reach, reachOf } from '../../hosts/client/src/reach.ts';
import manifest from '../../manifest.json' with { type: 'json' };
import { serveFunctions } from '../../runtime/nats/service/service.ts';
import { forAll } from '../support/for-all.ts';
import { expectHostValues, SCALARS } from '../support/host-values.ts';
import { registry, startKvflow } from '../support/kvflow.ts';
import { connectPatiently } from '../support/patient-nats.ts';
import { serve } from '../support/served.ts';

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

/** The first changes of a watch, which ends behind them. */
async function all(watch: AsyncGenerator<Change>, count: number): Promise<Change[]> {
  const changes: Change[] = [];
  for await (const change of watch) if (changes.push(change) === count) break;
  return changes;
}

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

test('client over NATS - the same methods, errors and watch, through the service that kvflow is there', async () => {
  const { connection: own } = kvflow.nats;
  const service = serveFunctions({
    connection: own,
    registry,
    invoke: kvflow.invoke,
    log: { info: () => undefined, warn: () => undefined },
  });
  await service.started;
  const nc = await connectPatiently({ servers: kvflow.server.url });
  try {
    const client = createNatsClient({ connection: nc });
    await client.kvBucketCreate({ bucket: 'over-nats' });
    const put = await client.kvKeyPut({ bucket: 'over-nats', key: 'a', value: { n: 1 } });
    expect(put.revision).toBe(1);
    const failed = await client
      .kvKeyGet({ bucket: 'over-nats', key: 'none' })
      .catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(KvflowError);
    expect(failed).toMatchObject({ code: 'KEY_NOT_FOUND', status: 404, retryable: false });
    if (isErrorOf('kv-key-get', failed)) {
      const code: ErrorsOf<'kv-key-get'> | 'UNREACHABLE' = failed.code;
      expect(code).toBe('KEY_NOT_FOUND');
      // @ts-expect-error A code that kv-key-get never answers.
      expect(failed.code === 'SCRIPT_TIMEOUT').toBe(false);
    }
    const ended = new AbortController();
    const seen: string[] = [];
    for await (const { key, id } of client.watch('over-nats', { start: 'history', signal: ended.signal })) {
      expect(id).toMatch(/^\d+-/);
      seen.push(key);
      if (seen.length === 1) await client.kvKeyPut({ bucket: 'over-nats', key: 'b', value: 'x' });
      else ended.abort();
    }
    expect(seen).toEqual(['a', 'b']);
    const [change] = await all(client.watch('over-nats', { start: 'current' }), 1);
    await client.kvBucketDelete({ bucket: 'over-nats', confirm: 'over-nats' });
    await client.kvBucketCreate({ bucket: 'over-nats' });
    await client.kvKeyPut({ bucket: 'over-nats', key: 'c', value: 'x' });
    const told: string[] = [];
    const anew = { after: change?.id ?? '', onReset: (reason: string) => void told.push(reason) };
    expect(await all(client.watch('over-nats', anew), 1)).toMatchObject([{ key: 'c' }]);
    expect(told).toEqual(['bucket_made_again']);
    await valuesThrough('client-nats', client);
    await expect(client.watch('nowhere').next()).rejects.toMatchObject({ code: 'BUCKET_NOT_FOUND' });
    await service.stop();
    const alone = createNatsClient({ connection: nc, retries: 0 });
    await expect(alone.kvBucketList({})).rejects.toMatchObject({
      code: 'UNREACHABLE',
      retryable: true,
      message: expect.stringContaining('kvflow.fn.kv-bucket-list'),
    });
    const silent = nc.subscribe('kvflow.fn.kv-bucket-list');
    const hurried = createNatsClient({ connection: nc, timeoutMs: 20 });
    await expect(hurried.kvBucketList({})).rejects.toMatchObject({ code: 'TIMEOUT', retryable: false });
    silent.unsubscribe();
  } finally {
    await nc.close();
  }
});

test('client over NATS - a watch goes on at the id of an event, where the event says more than its revision', async () => {
  const asked: unknown[] = [];
  const end = (key: string, id: string) => ({ key, operation: 'expire', revision: 2, id });
  const events = [end('a', '50-mdw2k8a0mdw2k8a12'), end('b', '50-mdw2k8a0mdw2k8a14')];
  const connection = {
    request: async (_subject: string, payload: string) => {
      asked.push(JSON.parse(payload));
      if (asked.length === 2) throw new Error('the connection is lost');
      const data = {
        events: asked.length === 1 ? events : [end('c', '50-mdw2k8a0mdw2k8a16')],
        next_id: '50-mdw2k8a0mdw2k8a14',
      };
      return { data: new TextEncoder().encode(JSON.stringify({ status_code: 200, data })) };
    },
  };
  const ids: string[] = [];
  for await (const { id } of createNatsClient({ connection }).watch('b', { after: '49-mdw2k8a0' })) {
    ids.push(id);
    if (ids.length === 3) break;
  }
  expect(ids).toEqual([...events.map(({ id }) => id), '50-mdw2k8a0mdw2k8a16']);
  expect(asked).toMatchObject([{ after_id: '49-mdw2k8a0' }, { after_id: ids[1] }, { after_id: ids[1] }]);
});

test('client - every value is stored as in all hosts, and what is no JSON value of kvflow is refused', async () => {
  await valuesThrough('client', createClient({ url: served.url }));
});

/** Bytes go as base64; numbers and booleans, which the types do not take, are refused. */
async function valuesThrough(host: string, client: Pick<Client, 'kvKeyPut'>): Promise<void> {
  const put = (key: string, value: unknown) =>
    client.kvKeyPut({
      bucket: 'values',
      key,
      ...(Buffer.isBuffer(value)
        ? { value: value.toString('base64'), encoding: 'base64' }
        : { value: value as string }),
    });
  await expectHostValues({
    kvflow,
    host,
    put,
    without: ['a Map', 'a Set'],
    refused: [...SCALARS, 'a BigInt'],
  });
}
