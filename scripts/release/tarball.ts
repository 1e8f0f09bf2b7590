import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Staged } from './packages.ts';

const run = promisify(execFile);

/** A packed package and what came out of it again. */
export interface Tarball {
  name: string;
  /** Path of the .tgz file. */
  file: string;
  bytes: number;
  /** Where it was unpacked: what somebody who installs it gets. */
  unpacked: string;
  /** Paths in it, sorted. */
  files: string[];
  manifest: Record<string, unknown>;
}

/** Packs a staged package as `npm publish` would, and unpacks it beside. */
export async function packTarball({ name, folder }: Staged, target: string): Promise<Tarball> {
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', target], {
    cwd: folder,
    maxBuffer: 64 << 20,
  });
  const file = join(target, filenameOf(stdout));
  const unpacked = join(target, `${name.replace('/', '__')}-unpacked`);
  await mkdir(unpacked, { recursive: true });
  await run('tar', ['-xzf', file, '-C', unpacked, '--strip-components=1']);
  const files = (await readdir(unpacked, { recursive: true, withFileTypes: true }))
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(unpacked.length + 1))
    .sort();
  const manifest = JSON.parse(await readFile(join(unpacked, 'package.json'), 'utf8')) as Tarball['manifest'];
  return { name, file, bytes: (await stat(file)).size, unpacked, files, manifest };
}

/** npm answers a list, or since version 12 an object by name. */
function filenameOf(json: string): string {
  const answer = JSON.parse(json) as Record<string, { filename: string }>;
  const [packed] = Object.values(answer);
  if (!packed) throw new Error('npm pack answered nothing');
  return packed.filename;
}
