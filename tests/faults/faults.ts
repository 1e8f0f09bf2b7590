import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { connectOfficial } from '../support/official.ts';
import { fillUp, mountSmallDisk } from '../support/small-disk.ts';
import { createCaller } from './caller.ts';
import type { FaultyCluster } from './cluster.ts';
import type { FaultyKvflow } from './kvflows.ts';
import { DATA, WORK } from './load.ts';

/** What a fault works on. */
export interface Subject {
  cluster: FaultyCluster;
  kvflows: FaultyKvflow[];
  /** Milliseconds that it lasts. */
  heldMs: number;
  /** Takes what goes wrong that the load does not see, in words. */
  wrong: string[];
}

/** Something that goes wrong and is mended, while the load goes on. */
export interface Fault {
  name: string;
  /** Prepares what it needs before the servers start; throws `Skipped` with the reason where it cannot be. */
  prepare?(): Promise<Prepared>;
  /** Resolves when it is mended. */
  happen(subject: Subject, prepared: Prepared): Promise<void>;
  /** How long a kvflow answers nobody, in milliseconds. Default: not at all. */
  awayMs?(heldMs: number): number;
  /** The last kvflow joins NATS through a leaf node. */
  hasLeaf?: true;
}

/** What a fault needs from the start. */
export interface Prepared extends AsyncDisposable {
  /** Folders of single servers. */
  folders?: Record<number, string>;
  /** Variables of the last kvflow. */
  env?: Record<string, string>;
}

/** A fault that this machine cannot have, and why. */
export class Skipped extends Error {}

const run = promisify(execFile);
const STREAM = `KV_${DATA}`;
const SMALL_DISK_MB = 24;
/** Longer than a run, and shorter than a jump. */
const LONG_NS = 600_000_000_000;
const NOTHING: Prepared = { [Symbol.asyncDispose]: async () => undefined };

/** All faults, in the order of the table. */
export const FAULTS: readonly Fault[] = [
  {
    name: 'leader killed',
    happen: async ({ cluster, heldMs }) => await killed(cluster, heldMs, [await cluster.leaderOf(STREAM)]),
  },
  {
    name: 'leader frozen',
    happen: async ({ cluster, heldMs }) => await frozen(cluster, heldMs, await cluster.leaderOf(STREAM)),
  },
  {
    name: 'leader stepped down, next frozen',
    happen: async ({ cluster, heldMs }) => {
      await stepDown(cluster, await cluster.leaderOf(STREAM));
      await frozen(cluster, heldMs, await cluster.leaderOf(STREAM));
    },
  },
  { name: 'all killed', happen: async ({ cluster, heldMs }) => await killed(cluster, heldMs, [0, 1, 2]) },
  {
    name: 'two of three away',
    happen: async ({ cluster, heldMs }) => {
      const leader = await cluster.leaderOf(STREAM);
      await killed(cluster, heldMs, [leader, (leader + 1) % 3]);
    },
  },
  {
    name: 'follower killed',
    happen: async ({ cluster, heldMs }) =>
      await killed(cluster, heldMs, [((await cluster.leaderOf(STREAM)) + 1) % 3]),
  },
  {
    name: 'rolling restart',
    happen: async ({ cluster, heldMs }) => {
      for (const server of cluster.servers) {
        await server.stop('SIGTERM');
        await server.start();
        await sleep(heldMs);
      }
    },
  },
  {
    name: 'kvflow killed',
    happen: async ({ kvflows }) => {
      for (const kvflow of kvflows.slice(0, 2)) {
        await kvflow.kill();
        await sleep(500);
        await kvflow.start();
      }
    },
  },
  {
    name: 'kvflow frozen',
    awayMs: heldMs => heldMs,
    happen: async ({ kvflows, heldMs }) => {
      kvflows[1]?.pause();
      await sleep(heldMs);
      kvflows[1]?.resume();
    },
  },
  {
    name: 'leader cut off',
    happen: async ({ cluster, heldMs }) => await cutOff(cluster, heldMs, await cluster.leaderOf(STREAM)),
  },
  {
    name: 'follower cut off',
    happen: async ({ cluster, heldMs }) =>
      await cutOff(cluster, heldMs, ((await cluster.leaderOf(STREAM)) + 1) % 3),
  },
  {
    name: 'leaf cut off',
    hasLeaf: true,
    happen: async ({ cluster, heldMs }) => {
      cluster.isolateLeaf(true);
      await sleep(heldMs);
      cluster.isolateLeaf(false);
    },
  },
  { name: 'disk full', prepare: smallDisk, happen: fillDisk },
  { name: 'clock jumps', prepare: falseClock, happen: jump },
  { name: 'store torn', happen: async ({ cluster, heldMs }) => await damage(cluster, heldMs, tear) },
  { name: 'store flipped', happen: async ({ cluster, heldMs }) => await damage(cluster, heldMs, flip) },
];

async function killed({ servers }: FaultyCluster, heldMs: number, which: number[]): Promise<void> {
  await Promise.all(which.map(index => servers[index]?.stop('SIGKILL')));
  await sleep(heldMs);
  await Promise.all(which.map(index => servers[index]?.start()));
}

async function frozen({ servers }: FaultyCluster, heldMs: number, which: number): Promise<void> {
  servers[which]?.pause();
  // Longer than an election takes.
  await sleep(heldMs * 3);
  servers[which]?.resume();
}

/** Has the stream's leader give up leading; resolves when another does. */
async function stepDown(cluster: FaultyCluster, leader: number): Promise<void> {
  await using client = await connectOfficial(cluster.urls[leader] ?? '');
  await client.nc.request(`$JS.API.STREAM.LEADER.STEPDOWN.${STREAM}`, '', { timeout: 5_000 });
  while ((await cluster.leaderOf(STREAM)) === leader) await sleep(20);
}

async function cutOff(cluster: FaultyCluster, heldMs: number, which: number): Promise<void> {
  cluster.isolate(which, true);
  await sleep(heldMs * 2);
  cluster.isolate(which, false);
}

/** A file system of its own for one server, as small as that it can be filled. */
async function smallDisk(): Promise<Prepared> {
  const disk = await mountSmallDisk(SMALL_DISK_MB);
  if (typeof disk === 'string') throw new Skipped(disk);
  return { folders: { 0: disk.folder }, [Symbol.asyncDispose]: disk[Symbol.asyncDispose] };
}

async function fillDisk({ cluster, heldMs }: Subject, { folders }: Prepared): Promise<void> {
  const folder = folders?.[0] ?? '';
  const filler = await fillUp(folder);
  await sleep(heldMs);
  await rm(filler, { force: true });
  // A server whose disk was full is started again, as its operator would.
  await cluster.servers[0]?.stop('SIGTERM');
  await cluster.servers[0]?.start();
}

/** A kvflow whose clock is what a file says. */
async function falseClock(): Promise<Prepared> {
  const library = await findFaketime();
  if (!library) throw new Skipped('libfaketime is not installed');
  const folder = await mkdtemp(join(tmpdir(), 'kvflow-clock-'));
  const file = join(folder, 'clock');
  await writeFile(file, '+0\n');
  return {
    env: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
    [Symbol.asyncDispose]: async () => await rm(folder, { recursive: true, force: true }),
  };
}

/** Forward, back and to what is right; at each place what was held before must be held, and what lived must live. */
async function jump({ heldMs, kvflows, wrong }: Subject, { env }: Prepared): Promise<void> {
  const file = env?.FAKETIME_TIMESTAMP_FILE ?? '';
  const url = kvflows.at(-1)?.url ?? '';
  const caller = createCaller([url]);
  const ask = async (name: string, input: object) =>
    (await caller.call(name, { bucket: WORK, ...input }, 0)).data;
  const lease = { key: 'clock.lock', ttl: LONG_NS };
  await ask('kv-key-put', { key: 'clock.item', value: 'x', ttl: LONG_NS });
  await ask('kv-lock-acquire', lease);
  await ask('kv-queue-push', { queue: 'clock', id: 'one', value: 'x' });
  await ask('kv-queue-take', { queue: 'clock', lease: LONG_NS });
  const once = await countOnce(url);
  for (const offset of ['+3600', '-3600', '+0']) {
    await writeFile(file, `${offset}\n`);
    if ((await ask('kv-key-get', { key: 'clock.item' })).value !== 'x')
      wrong.push(`an item ended at ${offset}`);
    if ((await ask('kv-lock-acquire', lease)).acquired !== false)
      wrong.push(`a lock was given twice at ${offset}`);
    if ((await ask('kv-queue-take', { queue: 'clock', lease: LONG_NS })).taken !== false)
      wrong.push(`an item was taken twice at ${offset}`);
    if ((await countOnce(url)) !== once)
      wrong.push(`a call with an Idempotency-Key was made twice at ${offset}`);
    await sleep(heldMs / 2);
  }
}

/** A step of a counter under one Idempotency-Key, however often: the value that it came to. */
async function countOnce(url: string): Promise<unknown> {
  const response = await fetch(`${url}/functions/kv-key-increment/invocations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': 'clock' },
    body: JSON.stringify({ bucket: WORK, key: 'clock.counter' }),
  });
  return ((await response.json()) as { data?: { value?: unknown } }).data?.value;
}

async function findFaketime(): Promise<string | undefined> {
  const { stdout } = await run('find', ['/usr/lib', '-name', 'libfaketime.so.1']).catch(() => ({
    stdout: '',
  }));
  return stdout.split('\n')[0] || undefined;
}

/** Damages what one of three servers stores, while it is away, and has it learn from the others. */
async function damage(
  cluster: FaultyCluster,
  heldMs: number,
  how: (file: string) => Promise<void>,
): Promise<void> {
  const which = ((await cluster.leaderOf(STREAM)) + 1) % 3;
  const server = cluster.servers[which];
  if (!server) return;
  await server.stop('SIGKILL');
  for (const file of await blocksOf(join(server.folder, 'js'))) await how(file);
  await sleep(heldMs / 4);
  await server.start();
  await sleep(heldMs);
}

/** Files of the stream's messages. */
async function blocksOf(folder: string): Promise<string[]> {
  const files = await readdir(folder, { recursive: true });
  return files
    .filter(file => file.includes(`${STREAM}/msgs/`) && file.endsWith('.blk'))
    .map(file => join(folder, file));
}

/** A write that the machine did not finish. */
async function tear(file: string): Promise<void> {
  const { length } = await readFile(file);
  await truncate(file, Math.max(0, length - 37));
}

/** Bytes that the disk gives back wrong. */
async function flip(file: string): Promise<void> {
  const bytes = await readFile(file);
  for (let at = Math.floor(bytes.length / 3); at < bytes.length; at += 4_096)
    bytes[at] = (bytes[at] ?? 0) ^ 0xff;
  await writeFile(file, bytes);
}

export { NOTHING };
