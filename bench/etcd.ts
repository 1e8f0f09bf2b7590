import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from '../tests/support/debian/program.ts';
import { eventually } from '../tests/support/eventually.ts';
import { freePort } from '../tests/support/free-port.ts';
import type { Figure } from './measure.ts';
import { compare, pipelined } from './measure.ts';
import { requirePeer } from './peer-packages.ts';
import { stage } from './stage.ts';

const COUNT = 5_000;
const IN_FLIGHT = 256;
const VALUE = JSON.stringify({ name: 'Ada', plan: 'pro', visits: 17 });

/** What is used of etcd3. */
interface EtcdClient {
  put(key: string): { value(value: string): PromiseLike<unknown> };
  get(key: string): PromiseLike<unknown>;
  close(): void;
}

/** kv-key-put against etcd's put, both on disk before they answer. */
export async function etcdPut(): Promise<Figure> {
  await using etcd = await startEtcd();
  await using s = await stage({ sync: 'always' });
  await s.ownBucket('bench', 'file');
  return await compare(
    'puts/s',
    COUNT,
    () =>
      pipelined(COUNT, IN_FLIGHT, i =>
        s.call('kv-key-put', { bucket: 'bench', key: `user.${i}`, value: VALUE }),
      ),
    () => pipelined(COUNT, IN_FLIGHT, async i => await etcd.client.put(`user.${i}`).value(VALUE)),
  );
}

/** One server on loopback: Debian's package etcd-server. It writes its log to disk before it answers, always. */
async function startEtcd(): Promise<{ client: EtcdClient } & AsyncDisposable> {
  const program = await findProgram({ names: ['etcd'], package: 'etcd-server' });
  if (program === undefined) throw new Error('No etcd. Install it with: apt-get install etcd-server');
  const { Etcd3 } = (await requirePeer('etcd3'))('etcd3') as {
    Etcd3: new (options: { hosts: string }) => EtcdClient;
  };
  const folder = await mkdtemp(join(tmpdir(), 'kvflow-etcd-'));
  const [url, peerUrl] = [await freePort(), await freePort()].map(port => `http://127.0.0.1:${port}`);
  const flags = Object.entries({
    'data-dir': folder,
    'listen-client-urls': url,
    'advertise-client-urls': url,
    'listen-peer-urls': peerUrl,
    'initial-advertise-peer-urls': peerUrl,
    'initial-cluster': `default=${peerUrl}`,
  }).map(([name, value]) => `--${name}=${value}`);
  const server = spawn(program, flags, { stdio: 'ignore' });
  const client = new Etcd3({ hosts: url ?? '' });
  await eventually(async () => await client.get('ready'));
  return {
    client,
    [Symbol.asyncDispose]: async () => {
      client.close();
      server.kill();
      await once(server, 'exit');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
