import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { Plugin } from 'vite';

const ROOT = join(import.meta.dirname, '../..');
/** What the page is built of; what it has of packages is in the lock file. */
export const SOURCES = ['contract', 'dashboard/src', 'dashboard/build'];
/** And of these files. */
export const FILES = [
  'dashboard/index.html',
  'dashboard/vite.config.ts',
  'dashboard/tsconfig.json',
  'tsconfig.json',
  'package.json',
  'package-lock.json',
];
/** In the folder of a build, which the server does not serve. */
const NOTE = 'sources.txt';

/** The same for as long as a build would come out the same. */
export async function fingerprint(root = ROOT): Promise<string> {
  const hash = createHash('sha256');
  const found = await Promise.all(SOURCES.map(folder => filesOf(root, folder)));
  for (const file of [...found.flat(), ...FILES].sort()) {
    const bytes = await readFile(join(root, file));
    hash.update(`${file} ${bytes.length}\n`).update(bytes);
  }
  return hash.digest('hex').slice(0, 16);
}

/** Notes in the folder of a build as it is shipped what it was built of. */
export function noteSources(): Plugin {
  let sources: string;
  return {
    name: 'kvflow-note-sources',
    apply: 'build',
    // Before anything is read: what is changed meanwhile is not of this build.
    async buildStart() {
      sources = await fingerprint();
    },
    async writeBundle({ dir }) {
      if (dir && process.env.NODE_ENV === 'production') await writeFile(join(dir, NOTE), sources);
    },
  };
}

/** What a build in this folder was built of; undefined where it is not known. */
export function notedSources(folder: string): Promise<string | undefined> {
  return readFile(join(folder, NOTE), 'utf8').catch(() => undefined);
}

async function filesOf(root: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter(entry => entry.isFile())
    .map(entry => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'));
}
