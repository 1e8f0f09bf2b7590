import { createServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { createServer as createTcp } from 'node:net';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { createUser } from '@nats-io/nkeys';
import type { KvBucketSendInput, KvBucketSendOutput } from '../../contract/types.gen.ts';
import { createAuthenticator } from '../../runtime/access/authenticator.ts';
import { createKeyFile } from '../../runtime/access/key-file.ts';
import { createLazyRemote } from '../../runtime/main/remote.ts';
import { makeCreds } from '../support/creds.ts';
import { endedAtLast, forAll } from '../support/for-all.ts';
import { freePort } from '../support/free-port.ts';
import { joinNats, startKvflow, type TestKvflow } from '../support/kvflow.ts';
import { startNats } from '../support/nats.ts';
import { type Served, serve } from '../support/served.ts';
import { tempDir } from '../support/temp-dir.ts';
import { bucketOf, madeBucket } from './kv.ts';

const HOUR = 3_600_000_000_000;

/** The kvflow that items come from, and the one they go to: a server with an API key, for which buckets are its own. */
const folder = forAll(tempDir);
const server = forAll(() => startKvflow());
let from: TestKvflow;
let there: Served;
let key: string;

beforeAll(async () => {
  const keyFile = createKeyFile(join(folder.path, 'api-keys.json'));
  ({ key } = await keyFile.add({ name: 'writer', buckets: ['there*'] } as never));
  there = endedAtLast(await serve(server, { access: createAuthenticator({ keyFile }) }));
  const remote = createLazyRemote({ hosts: [new URL(there.url).host, 'localhost'], private: true });
  from = endedAtLast(joinNats(server.joined, { remote }));
});

const send = async (input: Omit<KvBucketSendInput, 'url'>) =>
  (await from.call('kv-bucket-send', {
    url: there.url,
    api_key: key,
    ...input,
  })) as unknown as KvBucketSendOutput;

test('kv-bucket-send - items go with all that belongs to them, after a dry run that writes nothing', async () => {
  const [here, target] = [bucketOf(from, 'here'), bucketOf(from, 'there')];
  await here.create({ key_ttl: true });
  await target.create({ key_ttl: true });
  await here.put('app.a', 'AP8=', {
    encoding: 'base64',
    content_type: 'x/y',
    metadata: { m: 'ü' },
    ttl: HOUR,
  });
  await here.put('app.b', 'text');
  await here.put('other', 'x');
  const input = { bucket: 'here', to_bucket: 'there', filter: 'app.>', prefix: 'app.', to_prefix: 'copy.' };
  expect(await send({ ...input, dry_run: true })).toMatchObject({ copied: 2, dry_run: true });
  expect((await target.list()).items).toEqual([]);
  expect(await send(input)).toEqual({
    bucket: 'here',
    to: there.url,
    to_bucket: 'there',
    copied: 2,
    skipped: 0,
    failed: [],
    dry_run: false,
    has_more: false,
  });
  const copied = await target.get('copy.a');
  expect(copied).toMatchObject({
    value: 'AP8=',
    encoding: 'base64',
    content_type: 'x/y',
    metadata: { m: 'ü' },
  });
  const [end, sent] = [(await here.get('app.a')).expires_at, copied.expires_at].map(at =>
    Date.parse(at ?? ''),
  );
  expect(Math.abs((sent ?? 0) - (end ?? 0))).toBeLessThan(5_000);
  // What is there already is left, unless it is to be written over.
  await here.put('app.b', 'new');
  expect(await send(input)).toMatchObject({ copied: 0, skipped: 2 });
  expect(await send({ ...input, query: 'size<4', on_conflict: 'overwrite' })).toMatchObject({ copied: 2 });
  expect(await target.get('copy.b')).toMatchObject({ value: 'new' });
});

test('kv-bucket-send - large values go in requests that the other takes', async () => {
  const [here, target] = [bucketOf(from, 'large'), bucketOf(from, 'there-large')];
  await here.create();
  await target.create();
  for (let i = 0; i < 8; i++) await here.put(`k${i}`, 'x'.repeat(900_000));
  expect(await send({ bucket: 'large', to_bucket: 'there-large' })).toMatchObject({ copied: 8 });
  expect((await target.info()).values).toBe(8);
});

test('kv-bucket-send - what the other kvflow refuses is told, and its key is not', async () => {
  await bucketOf(from, 'refused').create();
  const fail = (more: object) =>
    from.fail('kv-bucket-send', { bucket: 'refused', url: there.url, api_key: key, ...more });
  for (const [more, code] of [
    [{ to_bucket: 'elsewhere' }, 'FORBIDDEN'],
    [{ api_key: 'kvf_of-nobody-at-all' }, 'FORBIDDEN'],
    [{ to_bucket: 'there-none' }, 'BUCKET_NOT_FOUND'],
    [{ bucket: 'none-here' }, 'BUCKET_NOT_FOUND'],
    [{ url: 'http://[' }, 'INVALID_INPUT'],
    [{ url: 'ftp://example.com' }, 'INVALID_INPUT'],
    [{ cursor: 'bm9uZQ' }, 'INVALID_INPUT'],
  ] as const) {
    const error = await fail(more);
    expect([more, error.code]).toEqual([more, code]);
    expect(JSON.stringify(error)).not.toMatch(/kvf_of-nobody|"kvf_/);
    expect(JSON.stringify(error)).not.toContain(key);
  }
});

test('kv-bucket-send - a host that no setting names, and a private address unless a setting says so, are refused', async () => {
  const port = new URL(there.url).port;
  await bucketOf(from, 'guarded').create();
  const names = [
    '127.0.0.1',
    'localhost',
    '[::1]',
    '2130706433',
    '0x7f.1',
    '10.0.0.1',
    '169.254.169.254',
    '192.168.1.1',
  ];
  await using strict = joinNats(server.joined, {
    remote: createLazyRemote({
      hosts: names.map(name => `${name}:${port}`).concat(`127.0.0.1:${port}`),
      private: false,
    }),
  });
  for (const name of names) {
    const input = { bucket: 'guarded', url: `http://${name}:${port}`, api_key: key };
    expect([name, (await strict.fail('kv-bucket-send', input)).code]).toEqual([name, 'FORBIDDEN']);
  }
  const unnamed = await from.fail('kv-bucket-send', { bucket: 'guarded', url: 'https://example.com' });
  expect(unnamed).toMatchObject({ code: 'FORBIDDEN', message: expect.stringContaining('COPY_HOSTS') });
});

test('kv-bucket-send - a redirect is not followed, and what is no kvflow is told', async () => {
  await bucketOf(from, 'redirected').create();
  const asked: (string | undefined)[] = [];
  const other = createServer((request, response) => {
    asked.push(request.url);
    if (request.url?.startsWith('/plain')) return response.end('hello');
    response.writeHead(307, { location: there.url }).end();
  }).listen(0, '127.0.0.1');
  try {
    await new Promise(resolve => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    await using kvflow = joinNats(server.joined, {
      remote: createLazyRemote({ hosts: [`127.0.0.1:${port}`], private: true }),
    });
    for (const path of ['', '/plain']) {
      const input = { bucket: 'redirected', url: `http://127.0.0.1:${port}${path}`, api_key: key };
      expect([path, (await kvflow.fail('kv-bucket-send', input)).code]).toEqual([path, 'UNAVAILABLE']);
    }
    expect(asked).toEqual([
      '/functions/kv-bucket-info/invocations',
      '/plain/functions/kv-bucket-info/invocations',
    ]);
  } finally {
    other.close();
  }
});

test('kv-bucket-send - items go to a NATS without a kvflow, by its login, with preview, conflict rule and cursor', async () => {
  const here = await madeBucket(from, 'to-nats', { key_ttl: true });
  await here.put('app.a', 'AP8=', {
    encoding: 'base64',
    content_type: 'x/y',
    metadata: { m: 'ü' },
    ttl: HOUR,
  });
  await here.put('app.b', 'text');
  await here.put('other', 'x');
  const [pair, creds] = [createUser(), makeCreds()];
  const nkey = new TextDecoder().decode(pair.getSeed());
  for (const [extra, login] of [
    [`authorization { users: [{ nkey: ${pair.getPublicKey()} }] }`, { nkey }],
    [creds.config, { creds: creds.file }],
    ['authorization { user: copy, password: "bare-secret" }', { user: 'copy', password: 'bare-secret' }],
    ['authorization { token: "bare-secret" }', { token: 'bare-secret' }],
  ] as const) {
    await using nats = await startNats({ extra });
    await using there = joinNats({ servers: [nats.url], ...login });
    const target = await madeBucket(there, 'bare', { key_ttl: true });
    await using kvflow = joinNats(server.joined, {
      remote: createLazyRemote({ hosts: [`nats://localhost:${nats.port}`], private: true }),
    });
    const input = {
      bucket: 'to-nats',
      url: `nats://localhost:${nats.port}`,
      login,
      to_bucket: 'bare',
      prefix: 'app.',
      to_prefix: 'copy.',
      filter: 'app.>',
    };
    const call = (more: object = {}) => kvflow.call('kv-bucket-send', { ...input, ...more });
    expect(await call({ dry_run: true })).toMatchObject({ copied: 2, dry_run: true });
    expect((await target.list()).items).toEqual([]);
    expect(await call()).toEqual({
      bucket: 'to-nats',
      to: input.url,
      to_bucket: 'bare',
      copied: 2,
      skipped: 0,
      failed: [],
      dry_run: false,
      has_more: false,
    });
    const about = { value: 'AP8=', encoding: 'base64', content_type: 'x/y', metadata: { m: 'ü' } };
    expect(await target.get('copy.a')).toMatchObject({ ...about, expires_at: expect.any(String) });
    await target.put('copy.b', 'there');
    expect(await call()).toMatchObject({ copied: 0, skipped: 2 });
    expect(await call({ on_conflict: 'overwrite' })).toMatchObject({ copied: 2 });
    expect((await target.get('copy.b')).value).toBe('text');
    for (const [more, code] of [
      [{ to_bucket: 'none' }, 'BUCKET_NOT_FOUND'],
      [{ to_bucket: 'transform_scripts' }, 'FORBIDDEN'],
      [{ login: { user: 'copy', password: 'other-secret' } }, 'FORBIDDEN'],
      [{ url: `tls://localhost:${nats.port}` }, 'UNAVAILABLE'],
      [{ api_key: 'kvf_x' }, 'INVALID_INPUT'],
      [{ url: `nats://copy:bare-secret@localhost:${nats.port}` }, 'INVALID_INPUT'],
    ] as const) {
      const error = await kvflow.fail('kv-bucket-send', { ...input, ...more });
      expect([more, error.code]).toEqual([more, code]);
      expect(JSON.stringify(error)).not.toMatch(/bare-secret|other-secret/);
    }
  }
});

test('kv-bucket-send - a NATS is reached where the setting names it as one, at addresses that may be, and none it tells of', async () => {
  await bucketOf(from, 'guarded-nats').create();
  const port = await freePort();
  const send = async (hosts: string[], url: string, options: object = {}) => {
    await using kvflow = joinNats(server.joined, {
      remote: createLazyRemote({ hosts, private: options !== PUBLIC }),
    });
    return await kvflow.fail('kv-bucket-send', { bucket: 'guarded-nats', url }, options);
  };
  for (const [hosts, url, options] of [
    [[`localhost:${port}`], `nats://localhost:${port}`, {}],
    [['nats://localhost'], `nats://localhost:${port}`, {}],
    [[`nats://localhost:${port}`], `nats://other:${port}`, {}],
    [[`nats://localhost:${port}`], `http://localhost:${port}`, {}],
    [[`nats://localhost:${port}`], `nats://localhost:${port}`, PUBLIC],
    [[`nats://10.0.0.1:${port}`], `nats://10.0.0.1:${port}`, PUBLIC],
  ] as const)
    expect([hosts, url, (await send([...hosts], url, options)).code]).toEqual([hosts, url, 'FORBIDDEN']);
  const { message } = await send([], `nats://localhost:${port}`);
  expect(message).toContain(`COPY_HOSTS has to name it as nats://localhost:${port}`);
  // One that tells of another server, and goes away: nobody follows it there.
  const asked = { first: 0, second: 0 };
  const second = createTcp(() => {
    asked.second += 1;
  });
  await listening(second);
  const first = createTcp(socket => {
    asked.first += 1;
    const info = {
      server_id: 'A',
      version: '2.12.0',
      proto: 1,
      headers: true,
      max_payload: 1_048_576,
      jetstream: true,
      connect_urls: [`127.0.0.1:${portOf(second)}`],
    };
    socket.on('error', () => undefined);
    socket.on('data', data => {
      if (data.includes('PING')) socket.write('PONG\r\n', () => socket.destroySoon());
    });
    socket.write(`INFO ${JSON.stringify(info)}\r\n`);
  });
  await listening(first);
  const url = `nats://127.0.0.1:${portOf(first)}`;
  const error = await send([url], url, { timeoutMs: 2_500 });
  expect(['UNAVAILABLE', 'TIMEOUT']).toContain(error.code);
  expect([asked.first > 0, asked.second]).toEqual([true, 0]);
  first.close();
  second.close();
});

/** The guard takes addresses of the internet alone. */
const PUBLIC = {};

async function listening(server: Server): Promise<void> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
