import { execFile } from 'node:child_process';
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A folder with a file system of its own. */
export interface SmallDisk extends AsyncDisposable {
  folder: string;
}

/** Mounts a file system of so many megabytes, as small as that it can be filled; answers the reason where it cannot be. */
export async function mountSmallDisk(megabytes: number): Promise<SmallDisk | string> {
  if (process.getuid?.() !== 0) return 'a small tmpfs needs root';
  const folder = await mkdtemp(join(tmpdir(), 'kvflow-disk-'));
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    return `no tmpfs: ${String((error as Error).message).split('\n')[0]}`;
  }
  return {
    folder,
    [Symbol.asyncDispose]: async () => {
      await run('umount', ['-l', folder]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Why there can be none; undefined: there can. */
export async function whyNoSmallDisk(): Promise<string | undefined> {
  const disk = await mountSmallDisk(1);
  if (typeof disk === 'string') return disk;
  await disk[Symbol.asyncDispose]();
  return undefined;
}

/** Takes so many bytes of it, or all that are free; answers the file that has them. */
export async function fillUp(folder: string, bytes?: number): Promise<string> {
  const { bavail, bsize } = await statfs(folder);
  const filler = join(folder, 'filler');
  await writeFile(filler, Buffer.alloc(bytes ?? bavail * bsize)).catch(() => undefined);
  return filler;
}
