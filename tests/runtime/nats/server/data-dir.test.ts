import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { lockDataDir, readRunning } from '../../../../runtime/nats/server/data-dir.ts';
import { identify, processPlace } from '../../../../runtime/processes/process-identity.ts';
import { tempDir } from '../../../support/temp-dir.ts';
import { startFixture, until } from './helpers.ts';

interface Said {
  won: boolean;
  message?: string;
}

const info = {
  natsUrl: 'nats://127.0.0.1:4222',
  user: 'kvflow',
  password: 'secret',
  httpUrl: 'http://127.0.0.1:4280',
};

/** Leaves a lock file as another holder would. */
async function leaveLock(dataDir: string, holder: object): Promise<string> {
  const path = join(dataDir, 'kvflow.lock');
  await writeFile(path, JSON.stringify({ id: 'left-over', place: await processPlace(), ...holder }));
  return path;
}

test('lock - a second process is told who has the directory and what to do', async () => {
  await using dir = await tempDir();
  await using other = await startFixture<Said>('hold.ts', [dir.path]);
  const second = lockDataDir(dir.path);
  await expect(second).rejects.toThrow(
    new RegExp(`in use by another kvflow, process ${other.child.pid}\\..*kvflow invoke.*KVFLOW_DATA_DIR`),
  );
  await expect(second).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: false });
});

test('lock - released, it can be taken again, and leaves nothing behind', async () => {
  await using dir = await tempDir();
  const dataDir = join(dir.path, 'new', 'deep');
  const first = await lockDataDir(dataDir);
  await first.publish(info);
  await expect(lockDataDir(dataDir)).rejects.toThrow('in use');
  await first.release();
  expect(await readdir(dataDir)).toEqual([]);
  const second = await lockDataDir(dataDir);
  // An old holder's second release does not take the new one's lock away.
  await first.release();
  await expect(lockDataDir(dataDir)).rejects.toThrow('in use');
  await second.release();
});

test('lock - a holder killed with -9 does not stand in the way', async () => {
  await using dir = await tempDir();
  await using other = await startFixture<Said>('hold.ts', [dir.path]);
  await other.kill();
  const lock = await lockDataDir(dir.path);
  expect(await readdir(dir.path)).toEqual(['kvflow.lock']);
  await lock.release();
});

test('lock - a left-over lock whose process number now is another process is replaced', async () => {
  await using dir = await tempDir();
  const self = await identify(process.pid);
  expect(self?.startedAt).toMatch(/\d/);
  await leaveLock(dir.path, { pid: process.pid, startedAt: 'some other time' });
  const lock = await lockDataDir(dir.path);
  await lock.release();
  await leaveLock(dir.path, self ?? {});
  await expect(lockDataDir(dir.path)).rejects.toThrow(`process ${process.pid}`);
});

test('lock - one that lost its content in a power failure is replaced', async () => {
  await using dir = await tempDir();
  await writeFile(join(dir.path, 'kvflow.lock'), '');
  const lock = await lockDataDir(dir.path);
  await lock.release();
});

test('lock - of many who start at once on a left-over lock, exactly one gets it', async () => {
  await using dir = await tempDir();
  for (let round = 0; round < 30; round++) {
    await leaveLock(dir.path, { pid: 0, id: `dead-${round}` });
    const results = await Promise.allSettled(Array.from({ length: 12 }, () => lockDataDir(dir.path)));
    const won = results.filter(result => result.status === 'fulfilled');
    expect(won).toHaveLength(1);
    await won[0]?.value.release();
    expect(await readdir(dir.path)).toEqual([]);
  }
});

test('lock - of several processes started at the same instant, exactly one gets it', async () => {
  await using dir = await tempDir();
  await leaveLock(dir.path, { pid: 0 });
  const args = [dir.path, String(Date.now() + 1000)];
  const starts = await Promise.all(Array.from({ length: 5 }, () => startFixture<Said>('hold.ts', args)));
  const winners = starts.filter(each => each.said.won);
  const losers = starts.filter(each => !each.said.won);
  await Promise.all(starts.map(each => each.kill()));
  expect(winners).toHaveLength(1);
  for (const loser of losers) expect(loser.said.message).toContain(`process ${winners[0]?.child.pid}`);
});

test('lock - a holder in another container counts as long as it marks the file', async () => {
  await using dir = await tempDir();
  const path = await leaveLock(dir.path, { pid: process.pid, place: 'another container' });
  const beat = setInterval(() => void utimes(path, new Date(), new Date()), 500);
  await expect(lockDataDir(dir.path)).rejects.toThrow('in use');
  clearInterval(beat);
  const lock = await lockDataDir(dir.path);
  await lock.release();
});

test('lock - its holder marks the file', async () => {
  await using dir = await tempDir();
  const lock = await lockDataDir(dir.path);
  const path = join(dir.path, 'kvflow.lock');
  const before = (await stat(path)).mtimeMs;
  await until('the file is marked', async () => (await stat(path)).mtimeMs > before);
  await lock.release();
});

test('lock - a directory that cannot be made says so, and names the setting', async () => {
  await using dir = await tempDir();
  await writeFile(join(dir.path, 'file'), '');
  for (const path of ['file', 'file/data']) {
    const place = join(dir.path, path);
    await expect(lockDataDir(place)).rejects.toThrow(/cannot be used: .*KVFLOW_DATA_DIR/);
    await expect(readRunning(place)).rejects.toThrow(/cannot be used: .*KVFLOW_DATA_DIR/);
  }
});

test('publish - is readable by its owner alone, and read back while the process has the directory', async () => {
  await using dir = await tempDir();
  expect(await readRunning(dir.path)).toBeUndefined();
  const lock = await lockDataDir(dir.path);
  expect(await readRunning(dir.path)).toBeUndefined();
  await lock.publish({ ...info, natsUrl: 'nats://127.0.0.1:1' });
  await lock.publish(info);
  expect(await readRunning(dir.path)).toEqual({ ...info, pid: process.pid });
  expect((await stat(join(dir.path, 'runtime.json'))).mode & 0o777).toBe(0o600);
  await lock.release();
  expect(await readRunning(dir.path)).toBeUndefined();
});

test('publish - what a killed process published is not given out', async () => {
  await using dir = await tempDir();
  await using other = await startFixture<Said>('hold.ts', [dir.path]);
  expect(await readRunning(dir.path)).toMatchObject({ natsUrl: 'nats://127.0.0.1:1', pid: other.child.pid });
  const published = await readFile(join(dir.path, 'runtime.json'));
  await other.kill();
  expect(await readRunning(dir.path)).toBeUndefined();
  const lock = await lockDataDir(dir.path);
  await writeFile(join(dir.path, 'runtime.json'), published);
  expect(await readRunning(dir.path)).toBeUndefined();
  await lock.release();
});
