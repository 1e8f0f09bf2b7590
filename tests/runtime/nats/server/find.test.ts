import { mkdir, readdir, realpath, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { type FindNatsServerOptions, findNatsServer } from '../../../../runtime/nats/server/find.ts';
import { platformPackage } from '../../../../runtime/nats/server/platform-package.ts';
import { onPath } from '../../../../runtime/processes/command.ts';
import { tempDir } from '../../../support/temp-dir.ts';
import { fakeServer } from './helpers.ts';
import { releaseServer } from './release-server.ts';

/** Looks in this folder and nowhere else on the machine. */
function within(dir: string, more: Partial<FindNatsServerOptions> = {}): FindNatsServerOptions {
  const env = { PATH: join(dir, 'bin') };
  return { env, cacheDir: join(dir, 'cache'), extraDirs: [], ...more };
}

/** As {@link within}, with what it takes to unpack an archive on PATH, and nothing else of the machine. */
async function withTar(
  dir: string,
  more: Partial<FindNatsServerOptions> = {},
): Promise<FindNatsServerOptions> {
  await mkdir(join(dir, 'bin'));
  for (const name of ['tar', 'gzip']) {
    const [path] = await onPath(name, process.env);
    await symlink(path ?? name, join(dir, 'bin', name));
  }
  return within(dir, more);
}

test('NATS_SERVER_BIN - is used when it is new enough', async () => {
  await using dir = await tempDir();
  const NATS_SERVER_BIN = await fakeServer(join(dir.path, 'mine'), '2.11.0');
  const found = await findNatsServer(within(dir.path, { env: { NATS_SERVER_BIN } }));
  expect(found).toEqual({ path: NATS_SERVER_BIN, version: '2.11.0', source: 'NATS_SERVER_BIN' });
});

test('NATS_SERVER_BIN - too old is an error, even with a good one on PATH', async () => {
  await using dir = await tempDir();
  const NATS_SERVER_BIN = await fakeServer(join(dir.path, 'mine'), '2.10.29');
  await fakeServer(join(dir.path, 'bin', 'nats-server'), '2.15.0');
  const found = findNatsServer(within(dir.path, { env: { NATS_SERVER_BIN, PATH: join(dir.path, 'bin') } }));
  await expect(found).rejects.toThrow(
    /NATS_SERVER_BIN cannot be used: .*mine is nats-server 2\.10\.29.*2\.11\.0 or newer/,
  );
});

test('NATS_SERVER_BIN - a path with nothing there is an error that says so', async () => {
  await using dir = await tempDir();
  const found = findNatsServer(within(dir.path, { env: { NATS_SERVER_BIN: '/nowhere/nats-server' } }));
  await expect(found).rejects.toThrow('NATS_SERVER_BIN cannot be used: /nowhere/nats-server was not found.');
});

test('PATH - a server that is too old is passed over for one further on', async () => {
  await using dir = await tempDir();
  const [older, newer] = [join(dir.path, 'a'), join(dir.path, 'b')];
  await fakeServer(join(older, 'nats-server'), '2.9.10');
  const path = await fakeServer(join(newer, 'nats-server'), '2.12.3');
  const found = await findNatsServer(within(dir.path, { env: { PATH: `${older}:${newer}` } }));
  expect(found).toEqual({ path, version: '2.12.3', source: 'PATH' });
});

test('npm package - is used where it is installed, before anything is downloaded', async () => {
  await using dir = await tempDir();
  await using server = await releaseServer();
  const folder = join(dir.path, 'node_modules', platformPackage());
  const path = await fakeServer(join(folder, 'bin', 'nats-server'), '2.15.0');
  await writeFile(join(folder, 'package.json'), '{}');
  const packageFrom = join(dir.path, 'any.js');
  const found = await findNatsServer(within(dir.path, { ...server.options, packageFrom }));
  expect(found).toEqual({ path: await realpath(path), version: '2.15.0', source: 'package' });
  expect(server.requests()).toBe(0);
  const onPath = await fakeServer(join(dir.path, 'bin', 'nats-server'), '2.16.0');
  expect(await findNatsServer(within(dir.path, { packageFrom }))).toMatchObject({
    path: onPath,
    source: 'PATH',
  });
});

test('release - is downloaded once, checked, and kept', async () => {
  await using dir = await tempDir();
  await using server = await releaseServer();
  const lines: string[] = [];
  const options = await withTar(dir.path, { ...server.options, onProgress: line => lines.push(line) });
  const path = join(dir.path, 'cache', 'nats-server-2.15.0', 'nats-server');
  expect(await findNatsServer(options)).toEqual({ path, version: '2.15.0', source: 'release' });
  expect(await findNatsServer(options)).toEqual({ path, version: '2.15.0', source: 'cache' });
  expect(server.requests()).toBe(1);
  expect(lines).toEqual([expect.stringMatching(/^Downloading nats-server 2\.15\.0 from http:/)]);
  expect(await readdir(join(dir.path, 'cache'))).toEqual(['nats-server-2.15.0']);
});

test('release - two finders at the same time share one copy', async () => {
  await using dir = await tempDir();
  await using server = await releaseServer();
  const options = await withTar(dir.path, server.options);
  const found = await Promise.all([1, 2, 3, 4].map(() => findNatsServer(options)));
  expect(new Set(found.map(each => each.path)).size).toBe(1);
  expect(server.requests()).toBeGreaterThan(1);
  expect(await readdir(join(dir.path, 'cache'))).toEqual(['nats-server-2.15.0']);
});

test('release - a wrong checksum is refused before anything is unpacked', async () => {
  await using dir = await tempDir();
  await using server = await releaseServer({ wrongSum: true });
  // Without tar on PATH, an attempt to unpack would fail with another message.
  const found = findNatsServer(within(dir.path, server.options));
  await expect(found).rejects.toThrow(/the checksum is wrong \(sha256 [0-9a-f]{64}, expected 0{64}\)/);
  expect(await readdir(join(dir.path, 'cache'))).toEqual([]);
});

test('release - a download that breaks off leaves nothing behind', async () => {
  await using dir = await tempDir();
  await using server = await releaseServer({ behaviour: 'truncate' });
  await expect(findNatsServer(await withTar(dir.path, server.options))).rejects.toThrow(
    /tar\.gz: terminated/,
  );
  expect(await readdir(join(dir.path, 'cache'))).toEqual([]);
});

test('release - a server that does not answer is given up soon', async () => {
  await using dir = await tempDir();
  await using server = await releaseServer({ behaviour: 'silent' });
  const options = await withTar(dir.path, { ...server.options, downloadTimeoutMs: 200 });
  await expect(findNatsServer(options)).rejects.toThrow('nothing came for 0.2 s');
});

test('release - a server that falls silent half-way is given up soon', async () => {
  await using dir = await tempDir();
  await using server = await releaseServer({ behaviour: 'stall' });
  const options = await withTar(dir.path, { ...server.options, downloadTimeoutMs: 200 });
  await expect(findNatsServer(options)).rejects.toThrow('nothing came for 0.2 s');
});

test('release - an archive whose binary is too old is not kept', async () => {
  await using dir = await tempDir();
  await using server = await releaseServer({ binaryVersion: '2.10.1' });
  await expect(findNatsServer(await withTar(dir.path, server.options))).rejects.toThrow(
    'is nats-server 2.10.1',
  );
  expect(await readdir(join(dir.path, 'cache'))).toEqual([]);
});

test('cache - a broken copy is replaced', async () => {
  await using dir = await tempDir();
  await using server = await releaseServer();
  await mkdir(join(dir.path, 'cache', 'nats-server-2.15.0', 'nats-server'), { recursive: true });
  const found = await findNatsServer(await withTar(dir.path, server.options));
  expect(found.source).toBe('release');
  expect(await readdir(join(dir.path, 'cache'))).toEqual(['nats-server-2.15.0']);
});

test('cache - the newest usable copy is taken', async () => {
  await using dir = await tempDir();
  const cached = (version: string): string =>
    join(dir.path, 'cache', `nats-server-${version}`, 'nats-server');
  await fakeServer(cached('2.9.0'), '2.9.0');
  await fakeServer(cached('2.12.9'), '2.12.9');
  const newest = await fakeServer(cached('2.12.10'), '2.12.10');
  expect(await findNatsServer(within(dir.path))).toEqual({
    path: newest,
    version: '2.12.10',
    source: 'cache',
  });
});

test('when nothing works - the error lists what was tried and what to do', async () => {
  await using dir = await tempDir();
  await fakeServer(join(dir.path, 'bin', 'nats-server'), '2.10.0');
  const options = within(dir.path, { release: { version: '2.15.0', sha256: {} } });
  const message = await findNatsServer(options).catch(error => (error as Error).message);
  expect(message).toMatch(/found no nats-server 2\.11\.0 or newer/);
  expect(message).toMatch(/- on PATH: .*bin\/nats-server is nats-server 2\.10\.0/);
  expect(message).toMatch(/- in the cache: .*cache holds none/);
  expect(message).toMatch(/- release: kvflow has no checksum of the release for \w+-\w+/);
  expect(message).toMatch(/install nats-server .*set\nNATS_SERVER_BIN to the path of its binary/);
});
