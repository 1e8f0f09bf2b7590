import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Which of the embedded warehouses of one name this is: an id in a file beside it, made with the first use, that goes with the
 * data when it is moved. Undefined where none can be kept.
 *
 * @param file the warehouse, where it is not the data directory's.
 */
export async function homeOf({ dataDir, file }: { dataDir: string; file?: string | undefined }) {
  if (file === ':memory:') return randomUUID();
  const path = `${file ?? join(dataDir, 'warehouse')}.id`;
  try {
    await mkdir(dirname(path), { recursive: true });
    // Of two processes that make it at once the first does.
    await writeFile(path, randomUUID(), { flag: 'wx', flush: true });
  } catch {
    // It is there, or cannot be made.
  }
  return (await readFile(path, 'utf8').catch(() => '')) || undefined;
}
