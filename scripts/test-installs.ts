/**
 * `npm run test:installs`: whether kvflow installs with every package manager that people use, none of which runs a script: the
 * packed tarball into an empty folder, and a fresh clone of this checkout's HEAD. Each is started, then one put, one get, one script. At last
 * a clone that `npm ci` installed without the packages of Node itself, with the Node on PATH alone.
 *
 * Prints a table and ends with 1 where something failed. A word as an argument runs the rows that have it in their name: `pnpm`,
 * `clone`. Takes some minutes and needs npm's registry.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { readOwner } from './release/owner.ts';
import { stagePackages } from './release/packages.ts';
import { startPutGet } from './release/start-put-get.ts';
import { packTarball } from './release/tarball.ts';
import { packageAlone, stageForThisMachine } from './release/this-machine.ts';
import { bringManagers, MANAGERS, type Manager, programOf } from './test-installs/managers.ts';

interface Row {
  name: string;
  /** Installs into a folder that it makes, and starts there. */
  work: (folder: string) => Promise<void>;
}

/** What the lock file says of a package. */
interface Locked {
  optional?: boolean;
  integrity?: string;
}

const ROOT = join(import.meta.dirname, '..');
/** What both kinds of yarn say of a package that is not there. */
const MISSING = /Couldn't find package "([^"]+)"|YN0035: \W*(@?[^@\s]+)@npm:[^:]*: Package not found/;
const run = promisify(execFile);
const wanted = process.argv[2] ?? '';
const folder = await mkdtemp(join(tmpdir(), 'kvflow-installs-'));
const managers = join(folder, 'managers');
try {
  await mkdir(managers);
  await bringManagers(managers);
  const tarball = await pack();
  const rows = [
    ...MANAGERS.map(manager => ({
      name: `${manager.name}, tarball`,
      work: (place: string) => fromTarball(manager, tarball, place),
    })),
    ...MANAGERS.filter(({ noClone }) => !noClone).map(manager => ({
      name: `${manager.name}, clone`,
      work: (place: string) => fromClone(manager, place),
    })),
    { name: 'npm ci, clone without the packages of Node', work: withoutNodePackage },
  ];
  for (const row of rows.filter(({ name }) => name.includes(wanted))) await tell(row);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function tell({ name, work }: Row): Promise<void> {
  const place = await mkdtemp(join(folder, 'place-'));
  const start = performance.now();
  const fault = await work(place).then(
    () => undefined,
    (error: Error & { stdout?: string; stderr?: string }) =>
      [error.message, error.stdout, error.stderr].filter(Boolean).join('\n'),
  );
  const seconds = ((performance.now() - start) / 1_000).toFixed(0);
  console.log(`${fault ? 'FAIL' : 'ok  '}  ${name.padEnd(46)} ${seconds.padStart(4)} s`);
  if (fault) console.log(`        ${fault.trim().split('\n').slice(-20).join('\n        ')}`);
  if (fault) process.exitCode = 1;
  await rm(place, { recursive: true, force: true });
}

/** kvflow as it would be published, but that its nats-server is the one of this machine, for no registry has the packages yet. */
async function pack(): Promise<string> {
  await run('npm', ['run', '--silent', 'build'], { cwd: ROOT });
  const owner = await readOwner();
  const staged = await stagePackages(join(folder, 'staged'), owner);
  const kvflow = staged.find(({ name }) => name === 'kvflow');
  if (!kvflow) throw new Error('kvflow is not among the packages');
  const made = await stageForThisMachine(join(folder, 'staged'), { version: kvflow.version, owner });
  const natsServer = made && { [made.name]: `file:${(await packTarball(made, folder)).file}` };
  const file = join(kvflow.folder, 'package.json');
  const manifest = await readJson<object>(file);
  await writeFile(file, JSON.stringify({ ...manifest, optionalDependencies: natsServer }));
  return (await packTarball(kvflow, folder)).file;
}

async function fromTarball(manager: Manager, tarball: string, place: string): Promise<void> {
  await cp(tarball, join(place, 'kvflow.tgz'));
  await writeFile(join(place, 'package.json'), '{"name":"user","version":"1.0.0","private":true}');
  await manage(manager, [...manager.add, 'kvflow@file:./kvflow.tgz'], place);
  const command = join(place, 'node_modules/.bin/kvflow');
  const env = { ...clean(), ...packageAlone(join(place, 'cache')) };
  await startPutGet({ command, args: ['start'], cwd: place, dataDir: join(place, 'data'), env });
}

async function fromClone(manager: Manager, place: string): Promise<void> {
  await clone(place);
  await (manager.isStrict ? installClone(manager, place) : manage(manager, manager.install, place));
  await start(manager, place);
}

/** `npm start` and its like. */
async function start(manager: Manager, place: string): Promise<void> {
  const args = [programOf(manager, managers), ...(manager.start ?? ['run', 'start'])];
  const env = { ...clean(), ...manager.env };
  await startPutGet({ command: process.execPath, args, cwd: place, dataDir: join(place, 'data'), env });
}

/** A registry that lacks the packages of Node, or a platform that has none: the Node of PATH has to do. */
async function withoutNodePackage(place: string): Promise<void> {
  const [npm] = MANAGERS;
  if (!npm) return;
  await clone(place);
  await manage(npm, npm.install, place);
  const packages = await readdir(join(place, 'node_modules'));
  const nodes = packages.filter(name => /^node-(bin-)?(linux|darwin|win)-/.test(name));
  if (nodes.length === 0) throw new Error('npm ci brought no package of Node');
  for (const name of [...nodes, '.bin/node'])
    await rm(join(place, 'node_modules', name), { recursive: true });
  await start(npm, place);
}

async function clone(place: string): Promise<void> {
  await run('git', ['clone', '--quiet', '--depth', '1', `file://${ROOT}`, place]);
}

/**
 * A manager that refuses an install where the registry lacks an optional package of another platform gets an empty one in its
 * place, and tries again. Those that the lock file's registry lacked stand in it without a checksum.
 */
async function installClone(manager: Manager, place: string): Promise<void> {
  const { packages } = await readJson<{ packages: Record<string, Locked> }>(join(place, 'package-lock.json'));
  const lacking = Object.entries(packages)
    .filter(([, { optional, integrity }]) => optional && !integrity)
    .map(([path]) => path.split('node_modules/').at(-1) ?? path);
  const stoodIn = new Set(lacking);
  for (;;) {
    await standIn(place, [...stoodIn]);
    const fault = await manage(manager, manager.install, place).then(
      () => undefined,
      (error: Error & { stdout?: string }) => error,
    );
    if (!fault) return;
    const name = MISSING.exec(`${fault.message}\n${fault.stdout}`)?.slice(1).find(Boolean);
    if (!name || stoodIn.has(name)) throw fault;
    stoodIn.add(name);
  }
}

async function standIn(place: string, names: string[]): Promise<void> {
  await mkdir(join(place, 'nothing'), { recursive: true });
  await writeFile(join(place, 'nothing/package.json'), '{"name":"nothing","version":"1.0.0"}');
  const file = join(place, 'package.json');
  const resolutions = Object.fromEntries(names.map(name => [name, 'file:./nothing']));
  await writeFile(file, JSON.stringify({ ...(await readJson<object>(file)), resolutions }));
}

async function readJson<T>(file: string): Promise<T> {
  return JSON.parse(await readFile(file, 'utf8')) as T;
}

async function manage(manager: Manager, args: string[], cwd: string): Promise<void> {
  // The first yarn keeps a tarball by its version, which is that of every build before it.
  const env = { ...clean(), ...manager.env, YARN_CACHE_FOLDER: join(folder, 'yarn-cache') };
  await run(process.execPath, [programOf(manager, managers), ...args], { cwd, env, maxBuffer: 64 << 20 });
}

/** Nothing of the npm that runs this, and the Node that runs it first on PATH. */
function clean(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name));
  const PATH = `${dirname(process.execPath)}${delimiter}${process.env.PATH}`;
  return { ...Object.fromEntries(kept), PATH };
}
