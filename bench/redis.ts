import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { eventually } from '../tests/support/eventually.ts';
import { freePort } from '../tests/support/free-port.ts';
import { pipelined, time } from './measure.ts';

/** A Redis of its own, and its end. */
export interface TestRedis extends AsyncDisposable {
  readonly redis: Redis;
}

/**
 * Starts one; ioredis gathers what is sent in one turn (auto-pipelining). `durable`: what is acknowledged is on disk. Undefined
 * where there is no redis-server; `apt install redis-server` brings one.
 */
export async function startRedis(durable: boolean): Promise<TestRedis | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'kvflow-redis-'));
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const log = durable ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no'];
  const server = spawn('redis-server', [...args, ...log], { stdio: 'ignore' });
  const isThere = await Promise.race([
    once(server, 'spawn').then(
      () => true,
      () => false,
    ),
    once(server, 'error').then(() => false),
  ]);
  if (!isThere) {
    await rm(folder, { recursive: true, force: true });
    return undefined;
  }
  const redis = new Redis({ port, host: '127.0.0.1', enableAutoPipelining: true, lazyConnect: true });
  await eventually(() => redis.ping(), { within: 10_000 });
  return {
    redis,
    [Symbol.asyncDispose]: async () => {
      redis.disconnect();
      server.kill();
      await once(server, 'exit');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Writes a second of Redis with as many in flight, each on disk before it is acknowledged (`appendfsync always`). */
export async function redisDurableSets(
  count: number,
  inFlight: number,
  value: string,
): Promise<number | undefined> {
  await using started = await startRedis(true);
  if (!started) return undefined;
  const round = () => pipelined(count, inFlight, i => started.redis.set(`user.${i}`, value));
  await round();
  return (count / (await time(round))) * 1_000;
}
