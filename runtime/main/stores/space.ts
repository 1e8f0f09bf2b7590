import { statfs } from 'node:fs/promises';
import type { KvAccountInfoOutput, Quota } from '../../../contract/types.gen.ts';

/** Below this part of a disk, or these bytes, there is little left. */
const MIN_PART = 0.05;
const MIN_BYTES = 512 * 1024 * 1024;
/** The part of a limit from which it is nearly reached. */
const NEARLY = 0.9;

/** Free bytes of the file system that a folder is on, and its size; undefined where the system does not say. */
export async function freeSpace(folder: string): Promise<{ free: number; size: number } | undefined> {
  try {
    const { bavail, blocks, bsize } = await statfs(folder);
    return { free: bavail * bsize, size: blocks * bsize };
  } catch {
    return undefined;
  }
}

/** What there is to say of a disk. */
export function diskWarnings(space: { free: number; size: number } | undefined): string[] {
  if (!space || space.free >= Math.min(space.size * MIN_PART, MIN_BYTES)) return [];
  return [`The disk of the data directory has ${mebibytes(space.free)} MiB left.`];
}

/** What there is to say of an account's limits. */
export function accountWarnings({ file, memory, streams, consumers }: KvAccountInfoOutput): string[] {
  const nearly = (name: string, { used, limit }: Quota, unit: (of: number) => string): string[] =>
    limit > 0 && used > limit * NEARLY
      ? [`The account has used ${unit(used)} of ${unit(limit)} ${name} (kv-account-info).`]
      : [];
  const bytes = (of: number) => `${mebibytes(of)} MiB`;
  return [
    ...nearly('file storage', file, bytes),
    ...nearly('memory storage', memory, bytes),
    ...nearly('streams', streams, String),
    ...nearly('consumers', consumers, String),
  ];
}

function mebibytes(of: number): number {
  return Math.round(of / 1024 / 1024);
}
