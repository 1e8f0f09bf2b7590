import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { lockDataDir } from '../../../../runtime/nats/server/data-dir.ts';
import { startEmbeddedNats } from '../../../../runtime/nats/server/embedded.ts';
import { endsWithParent } from '../../../../runtime/nats/server/launcher.ts';
import { identify } from '../../../../runtime/processes/process-identity.ts';
import { natsServerPath } from '../../../support/nats-binary.ts';
import { tempDir } from '../../../support/temp-dir.ts';
import { processExists, startFixture, until } from './helpers.ts';

interface Said {
  url: string;
  user: string;
  password: string;
  pid: number;
}

const binary = await natsServerPath();
const canEndWithParent = (await endsWithParent()).length > 0;
const launcherTest = canEndWithParent ? test : test.skip;
const why = canEndWithParent ? '' : ' (skipped: this machine has no setpriv --pdeathsig)';

function connectTo(nats: Said): Promise<NatsConnection> {
  return connect({ servers: nats.url, user: nats.user, pass: nats.password });
}

test('orphan - after kvflow is killed with -9, the next start ends its nats-server and has its data', async () => {
  await using dir = await tempDir();
  await using parent = await startFixture<Said>('embed.ts', [dir.path, binary, 'no']);
  const nc = await connectTo(parent.said);
  await (await jetstreamManager(nc)).streams.add({ name: 'S', subjects: ['s.>'] });
  await jetstream(nc).publish('s.a', 'kept');
  await expect(lockDataDir(dir.path)).rejects.toThrow(`process ${parent.child.pid}`);
  await parent.kill();
  expect(processExists(parent.said.pid)).toBe(true);

  const lock = await lockDataDir(dir.path);
  await using nats = await startEmbeddedNats({ dataDir: lock.dataDir, binary });
  expect(processExists(parent.said.pid)).toBe(false);
  await nc.close();
  const again = await connectTo(nats);
  const manager = await jetstreamManager(again);
  expect((await manager.streams.getMessage('S', { last_by_subj: 's.a' }))?.string()).toBe('kept');
  await again.close();
  await lock.release();
});

launcherTest(`orphan - a nats-server does not outlive a kvflow that is killed with -9${why}`, async () => {
  await using dir = await tempDir();
  await using parent = await startFixture<Said>('embed.ts', [dir.path, binary, 'yes']);
  await parent.kill();
  await until('the server is gone', () => !processExists(parent.said.pid));
});

test('orphan - a record that fits another process ends nothing', async () => {
  await using dir = await tempDir();
  const bystander = spawn('sleep', ['60']);
  await once(bystander, 'spawn');
  const known = await identify(bystander.pid ?? 0);
  for (const record of [known, { pid: bystander.pid }, { ...known, startedAt: 'another time' }, 'nonsense']) {
    await mkdir(join(dir.path, 'nats'), { recursive: true });
    await writeFile(join(dir.path, 'nats', 'server.json'), JSON.stringify(record));
    await using _nats = await startEmbeddedNats({ dataDir: dir.path, binary });
    expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
  }
  bystander.kill();
  await once(bystander, 'exit');
});

test('orphan - the server of another data directory is left alone', async () => {
  await using dir = await tempDir();
  await using other = await startEmbeddedNats({ dataDir: join(dir.path, 'other'), binary });
  await mkdir(join(dir.path, 'mine', 'nats'), { recursive: true });
  const record = JSON.stringify(await identify(other.pid));
  await writeFile(join(dir.path, 'mine', 'nats', 'server.json'), record);
  const pid = other.pid;
  await using _mine = await startEmbeddedNats({ dataDir: join(dir.path, 'mine'), binary });
  expect(processExists(pid)).toBe(true);
  expect(await readdir(join(dir.path, 'other', 'nats'))).toContain('server.json');
});
