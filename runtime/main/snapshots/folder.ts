import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fromBackupFile, toBackupFile } from '../../core/backup-file.ts';
import type { BackupHeader, KvBackup, KvRestore } from '../../core/ports/backups.ts';

/** A backup of a bucket in the data directory. */
export interface Snapshot {
  bucket: string;
  path: string;
  bytes: number;
  /** Milliseconds since 1970. */
  takenAt: number;
}

const ENDING = '.kvbackup';

/** The snapshots of a data directory, the oldest first; of one bucket, or of all. */
export async function listSnapshots(dataDir: string, bucket?: string): Promise<Snapshot[]> {
  const names = bucket === undefined ? await namesIn(folderOf(dataDir)) : [bucket];
  const found = await Promise.all(names.map(name => snapshotsOf(dataDir, name)));
  return found.flat().sort((a, b) => a.takenAt - b.takenAt);
}

/** Writes a snapshot; it has its name once it is whole. */
export async function writeSnapshot(dataDir: string, bucket: string, taken: KvBackup): Promise<Snapshot> {
  const folder = join(folderOf(dataDir), bucket);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `${Date.now()}${ENDING}`);
  try {
    const out = createWriteStream(`${path}.partial`, { mode: 0o600, flush: true });
    await pipeline(Readable.from(toBackupFile(taken)), out);
    await rename(`${path}.partial`, path);
  } catch (error) {
    await rm(`${path}.partial`, { force: true });
    throw error;
  }
  return await snapshotAt(bucket, path);
}

/** What a snapshot says of itself. Throws INVALID_INPUT where it is none. */
export async function readHeader({ path }: Snapshot): Promise<BackupHeader> {
  const file = createReadStream(path);
  try {
    return (await fromBackupFile(file)).header;
  } finally {
    file.destroy();
  }
}

/** A snapshot to be restored. */
export async function openSnapshot({ path }: Snapshot): Promise<Pick<KvRestore, 'header' | 'parts'>> {
  return await fromBackupFile(createReadStream(path));
}

async function snapshotsOf(dataDir: string, bucket: string): Promise<Snapshot[]> {
  const folder = join(folderOf(dataDir), bucket);
  const files = (await namesIn(folder)).filter(name => name.endsWith(ENDING));
  return await Promise.all(files.map(name => snapshotAt(bucket, join(folder, name))));
}

async function snapshotAt(bucket: string, path: string): Promise<Snapshot> {
  const { size, mtimeMs } = await stat(path);
  return { bucket, path, bytes: size, takenAt: mtimeMs };
}

function folderOf(dataDir: string): string {
  return join(dataDir, 'snapshots');
}

async function namesIn(folder: string): Promise<string[]> {
  return await readdir(folder).catch(() => []);
}
