/** @kvflow/client against a real kvflow. */

import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createClient, KvflowError } from '../../hosts/client/src/index.ts';
import type { TestKvflow } from '../support/kvflow.ts';
import { startKvflow } from '../support/kvflow.ts';
import type { Served } from '../support/served.ts';
import { serve } from '../support/served.ts';

let kvflow: TestKvflow;
let served: Served;
const sent: string[] = [];

/** The global one, with what was asked for written down. */
const counting: typeof fetch = (url, init) => {
  sent.push(new URL(String(url)).pathname);
  return fetch(url, init);
};

beforeAll(async () => {
  kvflow = await startKvflow();
  served = await serve(kvflow);
});

afterAll(async () => {
  await served?.close();
  await kvflow?.[Symbol.asyncDispose]();
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
  const wrong = client.watch('nowhere');
  await expect(wrong.next()).rejects.toMatchObject({ code: 'BUCKET_NOT_FOUND' });
});

test('client - it is small and needs nothing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kvflow-client-'));
  try {
    const root = join(import.meta.dirname, '../..');
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    await promisify(execFile)(process.execPath, [tsc, '-p', join(root, 'hosts/client'), '--outDir', folder]);
    const files = (await readdir(folder, { recursive: true })).filter(file => file.endsWith('.js'));
    const texts = await Promise.all(files.map(file => readFile(join(folder, file), 'utf8')));
    expect(gzipSync(texts.join('\n')).length).toBeLessThan(12_000);
    expect(texts.join('\n')).not.toMatch(/from '[^.]/);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
