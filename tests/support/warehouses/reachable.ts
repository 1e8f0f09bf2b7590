import { access, cp, mkdir, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

const OTHERS_MAY_ENTER = 0o001;

/**
 * A folder that every user can get to: the given one, or where a folder above it is closed to others (a checkout in
 * root's home, say), a copy among the temporary files, made once.
 */
export async function reachable(folder: string, name: string): Promise<string> {
  if (await isOpen(folder)) return folder;
  const copy = join(tmpdir(), name, basename(folder));
  const made = await access(copy).then(
    () => true,
    () => false,
  );
  if (made) return copy;
  await mkdir(dirname(copy), { recursive: true, mode: 0o755 });
  const unfinished = `${copy}.${process.pid}`;
  await cp(folder, unfinished, { recursive: true, verbatimSymlinks: true });
  // Another test process may have been first; its copy is as good.
  await rename(unfinished, copy).catch(() => rm(unfinished, { recursive: true, force: true }));
  return copy;
}

async function isOpen(folder: string): Promise<boolean> {
  for (let at = folder; ; at = dirname(at)) {
    if (((await stat(at)).mode & OTHERS_MAY_ENTER) === 0) return false;
    if (at === dirname(at)) return true;
  }
}
