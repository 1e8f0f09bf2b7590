import { rm } from 'node:fs/promises';
import type { BackupsConfig } from '../../config/config.ts';
import type { KvStore } from '../../core/ports/kv-store.ts';
import type { BucketReport, Inspection } from '../../nats/kv/inspect.ts';
import { freeSpace } from '../stores/space.ts';
import type { Snapshot } from './folder.ts';
import { listSnapshots, readHeader, writeSnapshot } from './folder.ts';

/** What snapshots are taken with. */
export interface TakeOptions extends Omit<BackupsConfig, 'everyHours'> {
  nats: Inspection & { kv: KvStore };
  dataDir: string;
  /** The least age of a bucket's last snapshot, in milliseconds. */
  everyMs: number;
  warn(line: string): void;
}

const CALL_MS = 600_000;

/**
 * Takes a snapshot of each bucket that has changed since its last one, where that is old enough. Those that follow others have their
 * origins'; one that lost something keeps those it has. Ends where the disk has not enough left; never throws.
 */
export async function takeSnapshots(options: TakeOptions): Promise<Snapshot[]> {
  const { nats, dataDir, everyMs, warn } = options;
  const taken: Snapshot[] = [];
  try {
    const { buckets } = await nats.inspect({ deadline: Date.now() + CALL_MS });
    for (const report of buckets.filter(({ follows, aside, damage }) => !follows && !aside && !damage)) {
      if (!(await isDue(dataDir, report, everyMs))) continue;
      if (!(await hasRoom(options))) break;
      const snapshot = await take(options, report.bucket);
      if (snapshot) taken.push(snapshot);
      await prune(options, report.bucket);
    }
  } catch (error) {
    warn(`Snapshots could not be taken: ${(error as Error).message}`);
  }
  return taken;
}

async function take({ nats, dataDir, warn }: TakeOptions, bucket: string): Promise<Snapshot | undefined> {
  try {
    await using backup = await nats.kv.backup({ deadline: Date.now() + CALL_MS }, bucket);
    return await writeSnapshot(dataDir, bucket, backup);
  } catch (error) {
    warn(`No snapshot of bucket "${bucket}" could be taken: ${(error as Error).message}`);
    return undefined;
  }
}

async function isDue(dataDir: string, report: BucketReport, everyMs: number): Promise<boolean> {
  const last = (await listSnapshots(dataDir, report.bucket)).at(-1);
  if (!last) return report.messages > 0;
  if (Date.now() - last.takenAt < everyMs) return false;
  const header = await readHeader(last).catch(() => undefined);
  return header?.revision !== report.lastRevision || header?.messages !== report.messages;
}

async function hasRoom({ dataDir, minFreeBytes, warn }: TakeOptions): Promise<boolean> {
  const space = await freeSpace(dataDir);
  if (!space || space.free >= minFreeBytes) return true;
  warn(`No snapshots are taken: the disk of the data directory has less than ${minFreeBytes} bytes left.`);
  return false;
}

/** The newest of each bucket stay, as long as all together have room. */
async function prune({ dataDir, keep, maxBytes }: TakeOptions, bucket: string): Promise<void> {
  const own = await listSnapshots(dataDir, bucket);
  for (const { path } of own.slice(0, Math.max(0, own.length - keep))) await rm(path, { force: true });
  const all = await listSnapshots(dataDir);
  let bytes = all.reduce((sum, snapshot) => sum + snapshot.bytes, 0);
  for (const { path, bytes: size } of all) {
    if (bytes <= maxBytes) return;
    await rm(path, { force: true });
    bytes -= size;
  }
}
