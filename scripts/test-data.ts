import { access, chmod, constants, mkdtemp, statfs } from 'node:fs/promises';
import { join } from 'node:path';

/** Linux's file system in memory. */
const IN_MEMORY = '/dev/shm';
/** What a run has there at its fullest is a tenth of this. */
const ROOM_BYTES = 2 * 1024 ** 3;

/**
 * Where the servers of a run have their data: a new folder in memory where the system has room for it there, else `otherwise`.
 * NATS writes a stream it makes to disk before it answers; tests make thousands, and none of them has to survive a power failure.
 */
export async function dataFolder(otherwise: string): Promise<string> {
  if (!(await hasRoom())) return otherwise;
  const folder = await mkdtemp(join(IN_MEMORY, 'kvflow-test-'));
  // Servers that run as other users go through it to folders of their own.
  await chmod(folder, 0o711);
  return folder;
}

async function hasRoom(): Promise<boolean> {
  try {
    await access(IN_MEMORY, constants.W_OK);
    const { bavail, bsize } = await statfs(IN_MEMORY);
    return bavail * bsize >= ROOM_BYTES;
  } catch {
    return false;
  }
}
