import { execFile } from 'node:child_process';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Packages that benchmarks alone compare with, at the versions they were compared at. */
const VERSIONS = { 'isolated-vm': '7.0.1', workerd: '1.20261117.1', etcd3: '1.1.2' };
const FOLDER = join(tmpdir(), 'kvflow-test-cache', 'bench-peers');

/** The name of one of them. */
export type PeerPackage = keyof typeof VERSIONS;

/**
 * `require` that finds a package which no install of the repository brings: it is installed into a folder of temporary files the
 * first time it is asked for.
 */
export async function requirePeer(name: PeerPackage): Promise<NodeJS.Require> {
  const folder = join(FOLDER, `${name}-${VERSIONS[name]}`);
  const isThere = await access(join(folder, 'node_modules', name)).then(
    () => true,
    () => false,
  );
  if (!isThere) await install(name, folder);
  return createRequire(join(folder, 'package.json'));
}

async function install(name: PeerPackage, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{"private":true}');
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-save'];
  await promisify(execFile)('npm', ['install', ...quiet, `${name}@${VERSIONS[name]}`], { cwd: folder });
}
