/**
 * `npm run run:image`: runs what the image would hold as the image would run it, without an engine for containers: the files that the
 * Dockerfile copies, its settings and its entry point, on a root file system of its own that nobody can write, by a user without rights,
 * with 512 MiB for all processes, and /data and /tmp alone to write to, as compose.yaml has it. Then fifty transforms that keep a count in
 * `$kv`. This machine's /usr stands in for that of the base image. Linux, as root, with util-linux; ends after two minutes at the latest,
 * and with 1 where something failed.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chown, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bringNatsServer } from './nats-server.ts';
import { type ImagePlan, imagePlan } from './run-as-image/dockerfile.ts';
import { type MemoryLimit, memoryLimit } from './run-as-image/memory.ts';

const ROOT = join(import.meta.dirname, '..');
const USER = 10_001;
/** On all addresses kvflow listens with a key alone. */
const KEY = randomBytes(16).toString('hex');
const MEMORY = 512 << 20;
const TRANSFORMS = 50;
const ALL_MS = 120_000;
const END_MS = 20_000;

if (process.platform !== 'linux' || process.getuid?.() !== 0) {
  console.error('run:image needs Linux and root: it mounts what the program is to see.');
  process.exit(1);
}
const deadline = AbortSignal.timeout(ALL_MS);
const folder = await mkdtemp(join(tmpdir(), 'kvflow-image-'));
const memory = await memoryLimit(MEMORY);
const port = await freePort();
const started = await enter(imagePlan(await readFile(join(ROOT, 'Dockerfile'), 'utf8')), memory);
let printed = '';
for (const stream of [started.stdout, started.stderr]) stream?.on('data', text => (printed += text));
try {
  await ready(started);
  await requireLocked(await programOf(started));
  for (let n = 1; n <= TRANSFORMS; n++) await transform(n);
  const told = await memory.told();
  if (told.ended > 0) throw new Error(`${told.ended} processes were ended for want of memory`);
  const peak = `at most ${Math.ceil(told.peak / (1 << 20))} MiB in use`;
  console.log(`run:image: ${TRANSFORMS} transforms ran in ${MEMORY >> 20} MiB (${memory.how}); ${peak}`);
} catch (error) {
  console.error(`run:image: ${(error as Error).message}\n${printed.split('\n').slice(-30).join('\n')}`);
  process.exitCode = 1;
} finally {
  await end(started);
  await memory.remove();
  await rm(folder, { recursive: true, force: true });
}

/** Starts the program in its place. */
async function enter(
  { copied, env, command, workdir }: ImagePlan,
  limit: MemoryLimit,
): Promise<ChildProcess> {
  const [root, data, plan] = ['root', 'data', 'plan'].map(name => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const path of [root, data]) await mkdir(path);
  await chown(data, USER, USER);
  const { path: natsServer } = await bringNatsServer({ env: process.env });
  const lines = [
    ['bind', '/usr', '/usr'],
    ['bind', '/etc', '/etc'],
    ['bind', await realpath(process.execPath), '/opt/bin/node'],
    ['bind', await realpath(natsServer), '/opt/bin/nats-server'],
    ...copied.map(([from, to]) => ['bind', join(ROOT, from), to]),
    ['data', data, '/data'],
  ];
  await writeFile(plan, lines.map(line => `${line.join(' ')}\n`).join(''));
  const settings = {
    ...env,
    PATH: '/opt/bin:/usr/bin:/bin',
    KVFLOW_PORT: String(port),
    KVFLOW_API_KEYS: KEY,
  };
  const inside = [...Object.entries(settings).map(([name, value]) => `${name}=${value}`), ...command];
  const script = join(import.meta.dirname, 'run-as-image/enter.sh');
  const args = ['--mount', '--pid', '--fork', '--kill-child', script, root, plan, limit.join, '--'];
  return spawn('unshare', [...args, ...inside], {
    env: { PATH: process.env.PATH, WORKDIR: workdir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function ready(child: ChildProcess): Promise<void> {
  for (;;) {
    deadline.throwIfAborted();
    const how = child.exitCode ?? child.signalCode;
    if (how !== null) throw new Error(`it ended with ${how} before it was ready`);
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: deadline }).catch(
      () => undefined,
    );
    await answer?.body?.cancel();
    if (answer?.ok) return;
    await sleep(100);
  }
}

/** That it is as locked as it is meant to be: whose it is, and that it can write nothing but its data. */
async function requireLocked(pid: number): Promise<void> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const uid = /^Uid:\s+(\d+)/m.exec(status)?.[1];
  if (uid !== String(USER)) throw new Error(`it runs as user ${uid}`);
  const mounts = await readFile(`/proc/${pid}/mountinfo`, 'utf8');
  const writable = mounts
    .split('\n')
    .map(line => line.split(' '))
    .filter(([, , , , , options = '']) => options.split(',').includes('rw'))
    .map(([, , , , path = '']) => path)
    .filter(path => !/^\/(proc|dev|data|tmp)(\/|$)/.test(path));
  if (writable.length > 0) throw new Error(`it could write ${writable.join(', ')}`);
}

async function transform(n: number): Promise<void> {
  const script = `const { count } = await $kv.get('n') ?? { count: 0 };
    await $kv.set('n', { count: count + 1 });
    return { n: event.n * 2, count: count + 1 };`;
  const answer = await fetch(`http://127.0.0.1:${port}/functions/transform/invocations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${KEY}` },
    body: JSON.stringify({ script, event: { n } }),
    signal: deadline,
  });
  const text = await answer.text();
  if (!answer.ok || !text.includes(`"n":${n * 2},"count":${n}`)) throw new Error(`transform ${n}: ${text}`);
}

/** unshare's child, which is process 1 in there. */
async function programOf({ pid }: ChildProcess): Promise<number> {
  return Number((await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim());
}

/** As an engine ends a container: SIGTERM to process 1, and after a while SIGKILL. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exits = once(child, 'exit');
  const pid = await programOf(child).catch(() => 0);
  if (pid > 0) process.kill(pid, 'SIGTERM');
  const ended = await Promise.race([exits, sleep(END_MS, undefined, { ref: false })]);
  if (ended) return;
  console.error(`run:image: it did not end within ${END_MS} ms of SIGTERM`);
  process.exitCode = 1;
  child.kill('SIGKILL');
  await exits;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: free } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return free;
}
