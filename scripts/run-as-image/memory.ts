import { existsSync } from 'node:fs';
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A limit of memory for a process and all that it starts. */
export interface MemoryLimit {
  /** The file that a process joins by. */
  join: string;
  how: string;
  /** The most that was used at once, in bytes, and how many processes were ended for want of memory. */
  told(): Promise<{ peak: number; ended: number }>;
  remove(): Promise<void>;
}

const ROOT = '/sys/fs/cgroup';
/** Names of the files in both versions of control groups. */
const VERSIONS = [
  {
    name: 'control group v2',
    folder: ROOT,
    mark: 'cgroup.subtree_control',
    limit: 'memory.max',
    peak: 'memory.peak',
    events: 'memory.events',
  },
  {
    name: 'control group v1',
    folder: join(ROOT, 'memory'),
    mark: 'memory.limit_in_bytes',
    limit: 'memory.limit_in_bytes',
    peak: 'memory.max_usage_in_bytes',
    events: 'memory.oom_control',
  },
];

/**
 * Makes a control group of so many bytes, as engines for containers do. prlimit is no way: Node reserves more addresses at its start than it ever
 * uses, and a limit counts them.
 * @throws Error where this machine lets nobody make one
 */
export async function memoryLimit(bytes: number): Promise<MemoryLimit> {
  for (const version of VERSIONS) {
    if (!existsSync(join(version.folder, version.mark))) continue;
    const folder = join(version.folder, `kvflow-image-${process.pid}`);
    try {
      await mkdir(folder);
      await writeFile(join(folder, version.limit), String(bytes));
      return limitOf(folder, version);
    } catch {
      await rmdir(folder).catch(() => undefined);
    }
  }
  throw new Error('run:image needs a control group that limits memory, and can make none here.');
}

function limitOf(folder: string, { name, peak, events }: (typeof VERSIONS)[number]): MemoryLimit {
  const read = (file: string) => readFile(join(folder, file), 'utf8');
  return {
    join: join(folder, 'cgroup.procs'),
    how: name,
    told: async () => ({
      peak: Number(await read(peak)),
      ended: Number(/^oom_kill (\d+)$/m.exec(await read(events))?.[1] ?? 0),
    }),
    // It is busy for a moment after its last process is gone.
    remove: async () => {
      for (let tries = 50; tries > 0; tries--) {
        if (
          await rmdir(folder).then(
            () => true,
            () => false,
          )
        )
          return;
        await sleep(100);
      }
    },
  };
}
