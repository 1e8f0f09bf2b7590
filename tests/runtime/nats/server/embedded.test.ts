import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { type EmbeddedNats, startEmbeddedNats } from '../../../../runtime/nats/server/embedded.ts';
import { run } from '../../../../runtime/processes/command.ts';
import { natsServerPath } from '../../../support/nats-binary.ts';
import { tempDir } from '../../../support/temp-dir.ts';
import { processExists, until } from './helpers.ts';

const binary = await natsServerPath();

function connectTo(nats: EmbeddedNats): Promise<NatsConnection> {
  return connect({ servers: nats.url, user: nats.user, pass: nats.password, reconnectTimeWait: 50 });
}

async function openStream(nc: NatsConnection): Promise<void> {
  const manager = await jetstreamManager(nc);
  await manager.streams.add({ name: 'S', subjects: ['s.>'] });
}

async function lastOf(nc: NatsConnection, subject: string): Promise<string | undefined> {
  const manager = await jetstreamManager(nc);
  return (await manager.streams.getMessage('S', { last_by_subj: subject }))?.string();
}

test('embedded - takes and acknowledges messages as soon as it has started', async () => {
  await using dir = await tempDir();
  await using nats = await startEmbeddedNats({ dataDir: dir.path, binary });
  const nc = await connectTo(nats);
  expect(nc.info).toMatchObject({
    server_name: 'kvflow',
    jetstream: true,
    max_payload: 8 << 20,
    host: '127.0.0.1',
  });
  await openStream(nc);
  expect(await jetstream(nc).publish('s.a', 'one')).toMatchObject({ stream: 'S', seq: 1 });
  await nc.close();
});

test('embedded - lets nobody in without the password, which no process list shows', async () => {
  await using dir = await tempDir();
  await using nats = await startEmbeddedNats({ dataDir: dir.path, binary });
  await expect(connect({ servers: nats.url })).rejects.toThrow(/authorization/i);
  await expect(connect({ servers: nats.url, user: nats.user, pass: 'x' })).rejects.toThrow(/authorization/i);
  expect(nats.password).toMatch(/^[\w-]{32}$/);
  const modes = [join(dir.path, 'nats'), join(dir.path, 'nats', 'nats-server.conf')].map(path => stat(path));
  expect((await Promise.all(modes)).map(each => each.mode & 0o777)).toEqual([0o700, 0o600]);
  const shown = ['cmdline', 'environ'].map(name =>
    readFile(`/proc/${nats.pid}/${name}`, 'utf8').catch(() => ''),
  );
  expect((await Promise.all(shown)).join()).not.toContain(nats.password);
});

test('embedded - is in a process group of its own, so that Ctrl-C reaches kvflow alone', async () => {
  await using dir = await tempDir();
  await using nats = await startEmbeddedNats({ dataDir: dir.path, binary });
  const { stdout } = await run('ps', ['-o', 'pgid=', '-p', String(nats.pid)], { env: process.env });
  expect(Number(stdout)).toBe(nats.pid);
});

test('embedded - syncs before it acknowledges, or as often as told; another word is refused', async () => {
  await using dir = await tempDir();
  const configOf = async (sync?: string): Promise<string> => {
    await using _nats = await startEmbeddedNats({ dataDir: dir.path, binary, ...(sync ? { sync } : {}) });
    return await readFile(join(dir.path, 'nats', 'nats-server.conf'), 'utf8');
  };
  expect(await configOf()).toContain('sync_interval: "always"');
  expect(await configOf('1m30s')).toContain('sync_interval: "1m30s"');
  for (const sync of ['sometimes', '1', '0s', '1s; port: 1', ' ']) {
    await expect(configOf(sync)).rejects.toThrow(/^KVFLOW_SYNC is /);
  }
});

test('embedded - killed with -9, it is back on the same port, with its data', async () => {
  await using dir = await tempDir();
  await using nats = await startEmbeddedNats({ dataDir: dir.path, binary });
  const [{ url, pid }, nc] = [{ url: nats.url, pid: nats.pid }, await connectTo(nats)];
  await openStream(nc);
  await jetstream(nc).publish('s.a', 'before');
  for (const round of [1, 2]) {
    const before = nats.pid;
    process.kill(before, 'SIGKILL');
    await until('another process runs', () => nats.pid !== before);
    expect(nats.url).toBe(url);
    await until('the client is back', () =>
      nc.flush().then(
        () => true,
        () => false,
      ),
    );
    expect(await lastOf(nc, 's.a')).toBe(round === 1 ? 'before' : 'again');
    await jetstream(nc).publish('s.a', 'again');
  }
  expect(processExists(pid)).toBe(false);
  await nc.close();
});

test('embedded - says its new address when its port was taken meanwhile', async () => {
  await using dir = await tempDir();
  const urls: string[] = [];
  await using nats = await startEmbeddedNats({
    dataDir: dir.path,
    binary,
    onUrlChange: url => urls.push(url),
  });
  const before = nats.url;
  const taker = createServer();
  process.kill(nats.pid, 'SIGKILL');
  await until('the port is ours', () => listens(taker, Number(new URL(before).port)));
  await until('the address has changed', () => urls.length > 0);
  expect(nats.url).toBe(urls[0]);
  expect(nats.url).not.toBe(before);
  await (await connectTo(nats)).close();
  taker.close();
});

test('embedded - stop leaves no process and no password, and nothing is started again', async () => {
  await using dir = await tempDir();
  const nats = await startEmbeddedNats({ dataDir: dir.path, binary });
  const pid = nats.pid;
  expect(processExists(pid)).toBe(true);
  await Promise.all([nats.stop(), nats.stop()]);
  expect(processExists(pid)).toBe(false);
  expect(nats.pid).toBe(pid);
  await expect(stat(join(dir.path, 'nats', 'nats-server.conf'))).rejects.toThrow('ENOENT');
  expect(await nats.logTail()).toMatch(/Server Exiting/);
});

test('embedded - stop while the server is being started again', async () => {
  await using dir = await tempDir();
  const told: string[] = [];
  const log = { info: () => {}, warn: () => {}, error: (_: object, message: string) => told.push(message) };
  const nats = await startEmbeddedNats({ dataDir: dir.path, binary, log });
  const pid = nats.pid;
  process.kill(pid, 'SIGKILL');
  await until('its end is noticed', () => told.length > 0);
  await nats.stop();
  expect(told).toEqual(['nats-server ended by itself, starting it again']);
  expect(nats.pid).toBe(pid);
  expect(processExists(pid)).toBe(false);
});

test('embedded - stop makes a server end that does not react', async () => {
  await using dir = await tempDir();
  const nats = await startEmbeddedNats({ dataDir: dir.path, binary, stopGraceMs: 100 });
  process.kill(nats.pid, 'SIGSTOP');
  await nats.stop();
  expect(processExists(nats.pid)).toBe(false);
});

test('embedded - a server that cannot start is an error with its own words', async () => {
  await using dir = await tempDir();
  await expect(
    startEmbeddedNats({ dataDir: dir.path, binary: '/nowhere/nats-server' }),
  ).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringMatching(/nowhere\/nats-server.*No such file|ENOENT/s),
  });
  const taken = join(dir.path, 'file');
  await using nats = await startEmbeddedNats({ dataDir: dir.path, binary });
  await expect(startEmbeddedNats({ dataDir: taken, binary: process.execPath })).rejects.toThrow(
    /did not start: nats-server ended before it was ready \(exit code \d+\)\n.*\S/s,
  );
  expect(processExists(nats.pid)).toBe(true);
});

test('embedded - a server that is gone at once is noticed every time', async () => {
  await using dir = await tempDir();
  const starts = Array.from({ length: 30 }, (_, i) =>
    startEmbeddedNats({ dataDir: join(dir.path, String(i)), binary: '/bin/false', endWithParent: false }),
  );
  for (const { status } of await Promise.allSettled(starts)) expect(status).toBe('rejected');
});

/** Whether the server now has the port to itself. */
function listens(server: ReturnType<typeof createServer>, port: number): Promise<boolean> {
  return new Promise(resolve => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => resolve(true));
  });
}
