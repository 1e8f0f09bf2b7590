import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../../runtime/processes/command.ts';
import { type AptSource, aptSources, prepareApt } from './apt-folder.ts';

/** A Debian package to unpack. */
export interface Unpacking {
  package: string;
  suite: string;
  /** Where it is to be: kept between runs. */
  folder: string;
}

/**
 * Unpacks a package and all the libraries it needs beside each other into a folder, with the machine's own apt-get and
 * archive; nothing is installed. Two at once are fine: the later one uses what the earlier one put there.
 * @throws Error saying why it cannot be had.
 */
export async function unpackDebian({ package: name, suite, folder }: Unpacking): Promise<void> {
  const faults: string[] = [];
  for (const source of await aptSources(process.env, [suite])) {
    await mkdir(join(folder, '..'), { recursive: true });
    const scratch = await mkdtemp(`${folder}.tmp-`);
    try {
      await rename(await unpackInto(scratch, name, source), folder);
      return;
    } catch (error) {
      if ((await readdir(folder).catch(() => [])).length > 0) return;
      faults.push((error as Error).message);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  }
  throw new Error(faults.join('; '));
}

async function unpackInto(scratch: string, name: string, source: AptSource): Promise<string> {
  const apt = join(scratch, 'apt');
  const files = join(scratch, 'files');
  const options = await prepareApt(apt, source);
  await run('apt-get', ['-q', '-y', '--no-install-recommends', '--download-only', 'install', name], options);
  const archives = join(apt, 'cache', 'archives');
  for (const deb of await readdir(archives)) {
    if (deb.endsWith('.deb')) await run('dpkg-deb', ['-x', join(archives, deb), files], options);
  }
  return files;
}
