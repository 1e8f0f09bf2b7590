/**
 * `npm run first-answer`: how long it takes a newcomer from the first command to the first answer, with an empty npm cache and no nats-server:
 * `git clone` (of this checkout's HEAD), `npm install`, start, one call; and the same from nothing but the packed tarball. Prints
 * seconds of each step. `clone` or `tarball` as an argument measures one of them. Ends with 1 where one took longer than it may.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { readOwner } from './release/owner.ts';
import { packTarball } from './release/tarball.ts';
import { stageForThisMachine } from './release/this-machine.ts';

const ROOT = join(import.meta.dirname, '..');
const run = promisify(execFile);
const OUTPUT = { maxBuffer: 64 * 1024 * 1024 };
const INSTALL = ['install', '--no-audit', '--no-fund'];

/** Seconds that each may take. */
const BOUNDS: Record<string, number> = { clone: 90, tarball: 100 };

type Steps = Record<string, () => Promise<unknown>>;

const wanted = process.argv[2];
const folder = await mkdtemp(join(tmpdir(), 'kvflow-first-'));
try {
  if (wanted !== 'tarball') await measure('clone', fromClone(join(folder, 'clone')));
  if (wanted !== 'clone') await measure('tarball', await fromTarball(join(folder, 'tarball')));
} finally {
  await rm(folder, { recursive: true, force: true });
}

function fromClone(path: string): Steps {
  return {
    'git clone': () => run('git', ['clone', '--quiet', '--depth', '1', `file://${ROOT}`, path]),
    'npm install': () => run('npm', INSTALL, { cwd: path, env: newcomer('clone'), ...OUTPUT }),
    'start and first answer': () => firstAnswer(path, 'bin/kvflow.js', 'clone'),
  };
}

/** Packing is not the newcomer's time. */
async function fromTarball(path: string): Promise<Steps> {
  await mkdir(path, { recursive: true });
  await run('npm', ['pack', '--pack-destination', path], { cwd: ROOT, ...OUTPUT });
  const tarballs = (await readdir(path)).filter(file => file.endsWith('.tgz'));
  const { version } = await readJson<{ version: string }>(join(ROOT, 'package.json'));
  const natsServer = await stageForThisMachine(join(path, 'staged'), { version, owner: await readOwner() });
  // Published kvflow brings it by itself.
  if (natsServer) tarballs.push((await packTarball(natsServer, path)).file);
  await writeFile(join(path, 'package.json'), '{"private":true}');
  return {
    'npm install': () =>
      run('npm', [...INSTALL, ...tarballs], { cwd: path, env: newcomer('tarball'), ...OUTPUT }),
    'start and first answer': () => firstAnswer(path, 'node_modules/kvflow/bin/kvflow.js', 'tarball'),
  };
}

async function measure(name: string, steps: Steps): Promise<void> {
  let all = 0;
  for (const [step, work] of Object.entries(steps)) {
    const start = performance.now();
    await work();
    const seconds = (performance.now() - start) / 1_000;
    all += seconds;
    console.log(`${name}: ${step} ${seconds.toFixed(1)} s`);
  }
  const bound = BOUNDS[name] ?? 0;
  console.log(`${name}: first command to first answer ${all.toFixed(1)} s, of ${bound} s at most`);
  if (all > bound) process.exitCode = 1;
}

/** The environment of somebody who never used npm or kvflow here, and is logged in nowhere. */
function newcomer(of: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('npm_lifecycle'));
  return {
    ...Object.fromEntries(inherited),
    npm_config_cache: join(folder, `npm-cache-${of}`),
    XDG_CACHE_HOME: join(folder, `cache-${of}`),
  };
}

async function firstAnswer(path: string, program: string, of: string): Promise<void> {
  const env = { ...newcomer(of), KVFLOW_PORT: '0', XDG_CONFIG_HOME: path };
  const kvflow = spawn(process.execPath, [join(path, program), 'start'], {
    cwd: path,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const answer = await fetch(`${await urlOf(kvflow.stdout)}/functions/kv-bucket-create/invocations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"bucket":"hello"}',
    });
    if (!answer.ok) throw new Error(`the first call answered ${answer.status}: ${await answer.text()}`);
  } finally {
    kvflow.kill('SIGTERM');
    if (kvflow.exitCode === null && kvflow.signalCode === null) await once(kvflow, 'exit');
  }
}

async function readJson<T>(file: string): Promise<T> {
  return JSON.parse(await readFile(file, 'utf8')) as T;
}

async function urlOf(stdout: NodeJS.ReadableStream): Promise<string> {
  let url = '';
  for await (const line of createInterface(stdout)) {
    url = / URL +(\S+)/.exec(line)?.[1] ?? url;
    if (/curl /.test(line)) return url;
  }
  throw new Error('kvflow ended before it was ready');
}
