import { randomBytes } from 'node:crypto';
import type { Config } from '../../config/config.ts';
import type { Env } from '../../config/sources.ts';
import type { BackupHeader } from '../../core/ports/backups.ts';
import type { Runtime } from '../../main.ts';
import { createRuntime } from '../../main.ts';
import type { BucketReport } from '../../nats/kv/inspect.ts';
import type { DoctorOptions, Finding } from '../../transports/cli/host.ts';
import { quietLog } from '../quiet-log.ts';
import { behind, forgetMark, readMarks } from '../stores/high-water.ts';
import type { Snapshot } from './folder.ts';
import { listSnapshots, openSnapshot, readHeader } from './folder.ts';
import { putBackLost } from './put-back-lost.ts';

const CALL_MS = 600_000;

/** What a bucket has lost, and the snapshot that has the most of it. */
interface Case {
  bucket: string;
  from: number;
  to: number;
  snapshot?: { file: Snapshot; header: BackupHeader };
}

/** Looks for what stores have lost in the snapshots of the data directory, and puts it back where it is told to. */
export async function* doctor(config: Config, env: Env, options: DoctorOptions): AsyncGenerator<Finding> {
  const { dataDir } = config;
  const log = quietLog(options.onProgress);
  await using runtime = await createRuntime(config, {
    env,
    log,
    onProgress: options.onProgress,
    attach: true,
    brief: true,
  });
  yield* endLeftovers(runtime);
  const cases = await casesOf(runtime, dataDir);
  if (cases.length === 0) yield { what: 'stores', ok: true, detail: 'nothing is known to be lost' };
  for (const found of cases) yield* treat(runtime, { ...found, dataDir }, options);
}

async function* endLeftovers({ nats, origin }: Runtime): AsyncGenerator<Finding> {
  await nats.joined;
  const alone = origin.kind === 'embedded';
  const { freed, deleted } = await nats.repairBackups({ deadline: Date.now() + CALL_MS }, { alone });
  for (const bucket of freed)
    yield {
      what: `bucket ${bucket}`,
      ok: true,
      detail: 'took no writes since a backup of it was killed; it takes them again',
    };
  for (const stream of deleted)
    yield {
      what: 'leftovers',
      ok: true,
      detail: `${stream} was left over by a killed backup and is deleted`,
    };
}

async function casesOf({ nats }: Runtime, dataDir: string): Promise<Case[]> {
  const call = { deadline: Date.now() + CALL_MS };
  const { buckets: seen } = await nats.inspect(call);
  const lost = await behind(call, nats, { marks: await readMarks(dataDir), buckets: seen });
  for (const { bucket, had, has } of lost)
    await nats.noteLoss(call, bucket, { had, has, at: new Date().toISOString() });
  const { buckets } = await nats.inspect(call);
  return await Promise.all(buckets.flatMap(report => (report.damage ? [caseOf(dataDir, report)] : [])));
}

async function caseOf(dataDir: string, { bucket, damage, lastRevision }: BucketReport): Promise<Case> {
  const { lost_from: from = lastRevision + 1, lost_to: to = lastRevision } = damage ?? {};
  let snapshot: Case['snapshot'];
  for (const file of await listSnapshots(dataDir, bucket)) {
    const header = await readHeader(file).catch(() => undefined);
    if (header && header.revision >= from) snapshot = { file, header };
  }
  return { bucket, from, to, ...(snapshot && { snapshot }) };
}

async function* treat(
  runtime: Runtime,
  { bucket, from, to, snapshot, dataDir }: Case & { dataDir: string },
  { repair, accept }: DoctorOptions,
): AsyncGenerator<Finding> {
  const what = `bucket ${bucket}`;
  const call = { deadline: Date.now() + CALL_MS };
  const lost = to >= from ? `lost revisions ${from} to ${to}` : 'has a damaged index';
  if (accept) {
    await settle(runtime, dataDir, bucket);
    return yield { what, ok: true, detail: `${lost}; that is accepted and told no more` };
  }
  if (!snapshot)
    return yield { what, ok: false, detail: `${lost}, and no snapshot has them. --accept says it no more` };
  const { header, file } = snapshot;
  const reach = `the snapshot of ${header.at} has those up to ${header.revision}`;
  if (!repair) return yield { what, ok: false, detail: `${lost}; ${reach}. --repair puts back what it has` };
  const copy = `kvflow_doctor_${randomBytes(6).toString('hex')}`;
  const { kv } = runtime.nats;
  await kv.restore(call, { bucket: copy, ...(await openSnapshot(file)) });
  try {
    const { put, ended, newer } = await putBackLost(kv, { bucket, copy, from });
    await settle(runtime, dataDir, bucket);
    const beyond =
      header.revision < to ? `; revisions ${header.revision + 1} to ${to} are in no snapshot` : '';
    const detail = `${lost}; ${reach}: ${put} items were put back, ${ended} deleted again, ${newer} were written since and kept${beyond}`;
    yield { what, ok: true, detail };
  } finally {
    await kv.deleteBucket({ deadline: Date.now() + CALL_MS }, copy).catch(() => undefined);
  }
}

/** It is told no more. */
async function settle({ nats }: Runtime, dataDir: string, bucket: string): Promise<void> {
  await nats.noteLoss({ deadline: Date.now() + CALL_MS }, bucket, undefined);
  await forgetMark(dataDir, bucket);
}
