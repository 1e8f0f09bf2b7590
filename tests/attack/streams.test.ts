import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { beforeAll, expect, test } from '@jest/globals';
import { PackError } from '../../contract/errors.ts';
import { createAuthenticator } from '../../runtime/access/authenticator.ts';
import { createKeyFile } from '../../runtime/access/key-file.ts';
import type { Authenticator } from '../../runtime/core/access.ts';
import type { Invoke } from '../../runtime/core/invoke.ts';
import { createOpen } from '../../runtime/core/open.ts';
import type { KvStore } from '../../runtime/core/ports/kv-store.ts';
import type { Principal } from '../../runtime/core/principal.ts';
import { eventually } from '../support/eventually.ts';
import { forAll } from '../support/for-all.ts';
import { registry, startKvflow } from '../support/kvflow.ts';
import { postJson } from '../support/post-json.ts';
import { listen, serve } from '../support/served.ts';
import { tempDir } from '../support/temp-dir.ts';

const READER: Principal = { name: 'reader', functions: ['*'], buckets: ['team-*'], readOnly: false };
let current: Principal | undefined;

const access: Authenticator = {
  required: () => true,
  authenticate: () => {
    if (current) return current;
    throw new PackError('UNAUTHENTICATED', 'revoked');
  },
  spend: () => undefined,
};

const k = forAll(startKvflow);
const served = forAll(() => serve(k, { access }));

beforeAll(async () => {
  await k.call('kv-bucket-create', { bucket: 'team-w' });
  current = READER;
});

test.each([
  ['revoked', undefined, 'UNAUTHENTICATED'],
  ['narrowed', { ...READER, buckets: ['other-*'] }, 'FORBIDDEN'],
])('attack - a busy watch of a key that was %s hands out nothing more', async (_what, later, code) => {
  current = READER;
  await using stream = await listen(`${served.url}/buckets/team-w/watch`);
  await stream.next(({ event }) => event === 'synced');
  await k.call('kv-key-put', { bucket: 'team-w', key: 'k', value: 'before' });
  expect(await stream.next()).toMatchObject({ event: 'put', data: { value: 'before' } });
  current = later;
  await k.call('kv-key-put', { bucket: 'team-w', key: 'k', value: 'after' });
  expect(await stream.next()).toMatchObject({ event: 'error', data: { code } });
  await eventually(async () => expect(stream.ended()).toBe(true));
});

test('attack - POST /watches opens what the key was given, and ends with the key', async () => {
  await k.call('kv-bucket-create', { bucket: 'secret' });
  await k.call('kv-key-put', { bucket: 'secret', key: 'a', value: 'TOP' });
  const ends: [Principal | undefined, RegExp][] = [
    [{ ...READER, buckets: ['other-*'] }, /"watch":"mine","code":"FORBIDDEN"/],
    [undefined, /"code":"UNAUTHENTICATED"/],
  ];
  for (const [later, told] of ends) {
    current = READER;
    const left = new AbortController();
    const response = await fetch(`${served.url}/watches`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      signal: left.signal,
      body: JSON.stringify({
        watches: [
          { id: 'theirs', bucket: 'secret', start: 'history' },
          { id: 'own', bucket: 'transform_kv' },
          { id: 'mine', bucket: 'team-w' },
        ],
      }),
    });
    let text = '';
    const reading = (async () => {
      for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString();
    })().catch(() => undefined);
    await eventually(() => expect(text).toContain('event: synced'));
    expect(text.match(/"watch":"(theirs|own)","code":"FORBIDDEN"/g)).toHaveLength(2);
    current = later;
    await k.call('kv-key-put', { bucket: 'team-w', key: 'k', value: 'after' });
    await eventually(() => expect(text).toMatch(told));
    // A revoked key ends the stream, a narrowed one the watch: others may go on.
    if (later) left.abort();
    await reading;
    expect(text).not.toMatch(/TOP|after/);
  }
});

test('attack - a backup that is on its way to a key that was revoked is cut off, and its file goes', async () => {
  const bucket = 'team-large';
  await k.call('kv-bucket-create', { bucket, storage: 'memory' });
  // More than the sockets in between take without being read.
  for (let n = 0; n < 24; n++)
    await k.call('kv-key-put', { bucket, key: `k${n}`, value: randomBytes(700_000).toString('base64') });
  current = READER;
  const leftOver = async () => (await readdir(tmpdir())).filter(name => name.startsWith('kvflow-backup-'));
  const before = await leftOver();
  const asked = request(`${served.url}/buckets/${bucket}/backup`).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  current = undefined;
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  await expect(once(response, 'end')).rejects.toThrow('aborted');
  expect(bytes).toBeLessThan(Number(response.headers['content-length']));
  await eventually(async () => expect((await leftOver()).filter(name => !before.includes(name))).toEqual([]));
});

test('attack - a backup or restore of a key that was revoked ends at its next part, and is told as calls are', async () => {
  const told: string[] = [];
  const open = createOpen({
    registry,
    kv: k.nats.kv,
    onError: ({ code }, id, name) => void told.push(`${name} ${id} ${code}`),
  });
  current = undefined;
  const caller = { principal: READER, renew: () => access.authenticate(undefined), invocationId: 'one' };
  const revoked = { code: 'UNAUTHENTICATED' };
  {
    await using taken = await open('backup', { bucket: 'team-w' }, caller);
    await expect(Readable.from(taken.parts).toArray()).rejects.toMatchObject(revoked);
  }
  await using taken = await open('backup', { bucket: 'team-w' }, { principal: READER });
  const restore = await open('restore', { bucket: 'team-copy' }, caller);
  await expect(restore(taken)).rejects.toMatchObject(revoked);
  const { buckets } = await k.call('kv-bucket-list', {});
  expect(buckets).not.toContainEqual(expect.objectContaining({ bucket: 'team-copy' }));
  const subjects = ['news.>'];
  const narrowed = { principal: { ...READER, subjects }, renew: () => READER, invocationId: 'one' };
  const publishing = { ...taken.header.config, republish: { src: '>', dest: 'news.x' } };
  const late = await open('restore', { bucket: 'team-copy' }, narrowed);
  await expect(
    late({ parts: taken.parts, header: { ...taken.header, config: publishing } }),
  ).rejects.toMatchObject({
    code: 'FORBIDDEN',
  });
  await expect(open('restore', { bucket: 'other' }, caller)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  const few = { ...caller, principal: { ...READER, functions: ['kv-bucket-export', 'kv-bucket-create'] } };
  await expect(open('backup', { bucket: 'team-w' }, few)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  await expect(open('restore', { bucket: 'team-x' }, few)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  const watch = await open('watch', { bucket: 'team-w' }, caller);
  await expect(watch.next(1, 0)).rejects.toMatchObject(revoked);
  watch.close();
  expect(told).toEqual([
    'backup one UNAUTHENTICATED',
    'restore one UNAUTHENTICATED',
    ...['restore', 'restore', 'backup', 'restore'].map(name => `${name} one FORBIDDEN`),
    'watch one UNAUTHENTICATED',
  ]);
});

test('server - a watch that is asked for behind another request on its connection is answered after it', async () => {
  current = READER;
  const [isOpen, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  await using own = await serve(k, {
    access,
    invoke: async (...call) => {
      await go.promise;
      return await k.invoke(...call);
    },
    open: async (...asked) => {
      const opened = await k.open(...asked);
      isOpen.resolve();
      return opened;
    },
  });
  const socket = connect(Number(new URL(own.url).port), '127.0.0.1');
  let text = '';
  socket.setEncoding('latin1').on('data', part => {
    text += part;
  });
  const body = '{"bucket":"team-w"}';
  const rest = 'HTTP/1.1\r\nHost: 127.0.0.1\r\n';
  const call = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  socket.write(
    `POST /functions/kv-bucket-info/invocations ${rest}${call}GET /buckets/team-w/watch ${rest}\r\n`,
  );
  await isOpen.promise;
  go.resolve();
  await eventually(() => expect(text).toMatch(/^HTTP\/1.1 200[\s\S]*"bucket":"team-w"[\s\S]*event: synced/));
  expect(socket.readableEnded).toBe(false);
  socket.destroy();
});

test('server - what fails inside a stream is logged once, and a client that leaves its restore is no such failure', async () => {
  current = READER;
  const told: string[] = [];
  const logged: unknown[] = [];
  const begun = Promise.withResolvers<void>();
  const kv: KvStore = {
    ...k.nats.kv,
    backup: async () => Promise.reject(new Error('broken')),
    restore: async (...given) => {
      begun.resolve();
      await k.nats.kv.restore(...given);
    },
  };
  const onError = ({ code }: PackError, _id: string, name: string) => void told.push(`${name} ${code}`);
  const log = {
    info: () => undefined,
    warn: () => undefined,
    error: (...line: unknown[]) => logged.push(line),
  };
  const own = await serve(k, { access, log, open: createOpen({ registry, kv, onError }) });
  const whole = await fetch(`${served.url}/buckets/team-w/backup`);
  const file = Buffer.from(await whole.arrayBuffer());
  expect((await fetch(`${own.url}/buckets/team-w/backup`)).status).toBe(500);
  const outgoing = request(`${own.url}/buckets/team-left/restore`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream', 'content-length': file.length },
  });
  outgoing.on('error', () => undefined).write(file.subarray(0, -10));
  await begun.promise;
  outgoing.destroy();
  await eventually(() => expect(told).toEqual(['backup INTERNAL', 'restore INVALID_INPUT']));
  await own.close();
  expect(logged).toEqual([]);
});

test('attack - watches that are left while they open leave no consumer behind', async () => {
  current = READER;
  const { port } = new URL(served.url);
  const request = 'GET /buckets/team-w/watch HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';
  for (let at = 0; at < 40; at++) {
    await new Promise<void>(done => {
      const socket = connect(Number(port), '127.0.0.1', () => socket.write(request, () => socket.destroy()));
      socket.once('close', () => done()).on('error', () => undefined);
    });
  }
  const used = async () =>
    (await k.call('kv-account-info', {})) as unknown as { consumers: { used: number } };
  await eventually(async () => expect((await used()).consumers.used).toBe(0));
});

test('server - HEAD of a watch is answered at once and opens none', async () => {
  const answer = await fetch(`${served.url}/buckets/team-w/watch`, { method: 'HEAD' });
  expect(answer.status).toBe(405);
});

test('server - a client that ended its side is answered', async () => {
  current = READER;
  const body = '{"bucket":"team-w","key":"half","value":"x"}';
  const head = `POST /functions/kv-key-put/invocations HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
  expect(await exchange(head + body)).toMatch(/^HTTP\/1.1 200/);
});

test('server - two Host headers are refused', async () => {
  const head =
    'GET /functions HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n';
  expect(await exchange(head)).toMatch(/^HTTP\/1.1 400/);
});

test.each(['expired', 'revoked'])(
  'attack - a quiet stream of a key that was %s ends within a second',
  async what => {
    await using folder = await tempDir();
    const keyFile = createKeyFile(join(folder.path, 'api-keys.json'));
    let time = Date.now();
    const expires_at = new Date(time + 3_600_000).toISOString();
    const { key } = await keyFile.add({ name: 'soon', expires_at, buckets: ['team-*'] });
    /** How long the stream goes on without asking who its caller is, in milliseconds. */
    const looks: number[] = [];
    const watch: KvStore['watch'] = async (...given) => {
      const { next, ...opened } = await k.nats.kv.watch(...given);
      const noted: typeof next = (most, waitMs) => {
        looks.push(waitMs);
        return next(most, waitMs);
      };
      return { ...opened, next: noted };
    };
    await using own = await serve(k, {
      open: createOpen({ registry, kv: { ...k.nats.kv, watch } }),
      access: createAuthenticator({ keyFile, now: () => time }),
    });
    await using stream = await listen(`${own.url}/buckets/team-w/watch`, { authorization: `Bearer ${key}` });
    await stream.next(({ event }) => event === 'synced');
    if (what === 'revoked') await keyFile.revoke('soon');
    // An hour later for the one, the time of the next look at the key file for the other.
    const lookMs = 500;
    time += what === 'expired' ? 3_600_001 : lookMs;
    expect(await stream.next()).toMatchObject({ event: 'error', data: { code: 'UNAUTHENTICATED' } });
    await eventually(async () => expect(stream.ended()).toBe(true));
    expect(Math.max(...looks) + lookMs).toBeLessThanOrEqual(1_000);
  },
);

test('attack - an import without the right is refused before its body has come', async () => {
  current = { ...READER, buckets: ['other-*'] };
  const outgoing = request(`${served.url}/buckets/team-w/import`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
  });
  outgoing.on('error', () => undefined);
  outgoing.write('{"key":"a","va');
  const [answer] = await once(outgoing, 'response');
  expect(answer.statusCode).toBe(403);
  outgoing.destroy();
});

test('attack - a key that is narrowed while 200 calls run is narrowed for the next', async () => {
  let running = 0;
  const go = Promise.withResolvers<void>();
  const invoke: Invoke = async (name, input, options) => {
    if ((input as { key?: string }).key !== 'next') {
      running += 1;
      await go.promise;
    }
    return await k.invoke(name, input, options);
  };
  current = READER;
  await using own = await serve(k, { access, invoke });
  const put = async (key: string) => {
    const answer = await postJson(`${own.url}/functions/kv-key-put/invocations`, {
      bucket: 'team-w',
      key,
      value: 'x',
    });
    return answer.status;
  };
  const under = Array.from({ length: 200 }, (_, index) => put(`narrow.${index}`));
  await eventually(() => expect(running).toBe(200));
  current = { ...READER, buckets: ['other-*'] };
  expect(await put('next')).toBe(403);
  go.resolve();
  // Those had been let in before.
  expect(new Set(await Promise.all(under))).toEqual(new Set([200]));
});

test('server - a stream is told that the server closes', async () => {
  current = READER;
  const other = await serve(k, { access });
  await using stream = await listen(`${other.url}/buckets/team-w/watch`);
  await stream.next(({ event }) => event === 'synced');
  const closed = other.close();
  expect(await stream.next()).toMatchObject({ event: 'closing', data: { retry_ms: 1_000 } });
  await closed;
});

/** Sends the text, ends its own side, and reads to the end. */
function exchange(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      port: Number(new URL(served.url).port),
      host: '127.0.0.1',
      allowHalfOpen: true,
    });
    let got = '';
    socket.on('data', data => {
      got += String(data);
    });
    socket.once('end', () => {
      socket.destroy();
      resolve(got);
    });
    socket.once('error', reject);
    socket.end(text);
  });
}
