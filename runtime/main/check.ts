import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import type { Env } from '../config/sources.ts';
import type { BucketList } from '../core/ports/buckets.ts';
import { isEntry } from '../core/ports/items.ts';
import type { KvStore } from '../core/ports/kv-store.ts';
import type { Runtime } from '../main.ts';
import { createRuntime } from '../main.ts';
import { startWarnings } from '../nats/server/start-warnings.ts';
import type { Finding, HostIo } from '../transports/cli/host.ts';
import { checkDestinations } from './check-destinations.ts';
import { joinRefused } from './faults.ts';
import { ownBucketFaults, tooOldFor } from './own-buckets.ts';
import { behind, readMarks } from './stores/high-water.ts';
import { storeWarnings } from './stores/watch-stores.ts';

const WAIT_MS = 5_000;
const OLDEST = [2, 11];

/**
 * Looks at everything a start needs, in the order a start needs it, then at the warehouses: one after the other, since
 * the embedded warehouse takes a whole core for seconds when it is made, which slow machines have one of.
 */
export async function* check(read: () => Promise<Config>, env: Env, io: HostIo): AsyncGenerator<Finding> {
  const config = await attempt(read);
  if (config.fault !== undefined) return yield { what: 'configuration', ok: false, detail: config.fault };
  yield* configFindings(config.value);
  yield* serverFindings(config.value, env, io);
  const { value: findings, fault } = await attempt(() => checkDestinations(config.value));
  if (fault === undefined) yield* findings;
  else yield { what: 'destinations', ok: false, detail: fault };
}

async function* serverFindings(config: Config, env: Env, io: HostIo): AsyncGenerator<Finding> {
  const dir = await attempt(() => writable(config.dataDir));
  yield { what: 'data directory', ok: !dir.fault, detail: dir.fault ?? config.dataDir };
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const started = await attempt(() =>
    createRuntime(config, { env, log, onProgress: io.onProgress, attach: true, brief: true }),
  );
  if (started.fault !== undefined) return yield { what: 'NATS', ok: false, detail: started.fault };
  await using runtime = started.value;
  yield* natsFindings(runtime, config);
}

function* configFindings({ file, warnings }: Config): Generator<Finding> {
  yield { what: 'configuration', ok: true, detail: file ?? 'environment and defaults, no config file' };
  for (const warning of warnings) yield { what: 'configuration', ok: false, detail: warning };
}

async function* natsFindings(runtime: Runtime, config: Config): AsyncGenerator<Finding> {
  const { nats } = runtime;
  const joined = await attempt(() =>
    withinTime(nats.joined.catch(error => Promise.reject(joinRefused(error)))),
  );
  if (joined.fault !== undefined)
    return yield { what: 'NATS', ok: false, detail: `${joined.fault} (${originOf(runtime)})` };
  const version = nats.serverInfo()?.version ?? '0';
  yield { what: 'NATS', ok: true, detail: originOf(runtime) };
  const tooOld = isNewEnough(version)
    ? (await attempt(() => tooOldFor(nats.kv, config))).value
    : `${version} is too old: kvflow needs ${OLDEST.join('.')} or newer`;
  yield { what: 'nats-server', ok: tooOld === undefined, detail: tooOld ?? version };
  const buckets = await attempt(() => nats.kv.listBuckets({ deadline: Date.now() + WAIT_MS }));
  yield {
    what: 'JetStream',
    ok: !buckets.fault,
    detail: buckets.fault ?? bucketsDetail(buckets.value),
  };
  if (buckets.fault !== undefined) return;
  yield* ownBucketFindings(buckets.value);
  yield* storeFindings(runtime, config.dataDir);
  const probe = await attempt(() => writeAndRead(nats.kv));
  yield {
    what: 'write and read',
    ok: !probe.fault,
    detail: probe.fault ?? 'a value came back from a bucket of its own',
  };
}

/** What was lost, or is nearly used up, as far as it can be seen from outside. */
async function* storeFindings({ nats, origin }: Runtime, dataDir: string): AsyncGenerator<Finding> {
  const marks = await readMarks(dataDir);
  const call = { deadline: Date.now() + WAIT_MS };
  const { value: report, fault } = await attempt(() => nats.inspect(call));
  if (!report) return yield { what: 'stores', ok: false, detail: fault ?? '' };
  const behindOnes = await behind(call, nats, { marks, buckets: report.buckets });
  const lost = behindOnes.map(
    ({ bucket, had, has }) =>
      `Bucket "${bucket}": revisions ${has + 1} to ${had} were there and are no more; kvflow doctor looks for them in snapshots.`,
  );
  const said = origin.kind === 'joined' ? [] : await startWarnings(dataDir);
  const faults = [
    ...lost,
    ...storeWarnings(report),
    ...said.map(line => `nats-server said at its start: ${line}`),
  ];
  for (const detail of faults) yield { what: 'stores', ok: false, detail };
  if (faults.length === 0) yield { what: 'stores', ok: true, detail: 'nothing is known to be lost' };
}

function* ownBucketFindings({ buckets }: BucketList): Generator<Finding> {
  for (const { bucket, detail } of ownBucketFaults(buckets)) {
    yield { what: `bucket ${bucket}`, ok: false, detail };
  }
}

/** In a bucket that is made for it and removed again. */
async function writeAndRead(kv: KvStore): Promise<void> {
  const call = { deadline: Date.now() + WAIT_MS };
  const bucket = `kvflow_check_${randomUUID()}`;
  await kv.createBucket(call, bucket, { storage: 'memory', description: 'Made by kvflow check' });
  try {
    await kv.put(call, { bucket, key: 'probe', value: bucket });
    const found = await kv.get(call, { bucket, key: 'probe' });
    const text = isEntry(found) ? Buffer.from(found.value).toString() : undefined;
    if (text !== bucket)
      throw new Error('the value that was written did not come back; look at the log of nats-server');
  } finally {
    await kv.deleteBucket({ deadline: Date.now() + WAIT_MS }, bucket);
  }
}

function bucketsDetail({ buckets, unavailable }: BucketList): string {
  const away = unavailable.length > 0 ? `; no server answers for ${unavailable.join(', ')}` : '';
  return `on, ${buckets.length} buckets${away}`;
}

function originOf({ origin }: Runtime): string {
  if (origin.kind === 'embedded') return `embedded, ${origin.path}`;
  const servers = origin.settings.servers.join(', ');
  return origin.kind === 'attached' ? `of the kvflow that runs as process ${origin.pid}` : servers;
}

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldMajor = 0, oldMinor = 0] = OLDEST;
  return major > oldMajor || (major === oldMajor && minor >= oldMinor);
}

async function writable(dataDir: string): Promise<void> {
  const probe = join(dataDir, `.check-${process.pid}`);
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await writeFile(probe, '');
    await rm(probe);
  } catch (error) {
    throw new Error(
      `${(error as Error).message}. Set KVFLOW_DATA_DIR to a folder that this user may write to.`,
    );
  }
}

async function withinTime(joined: Promise<void>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const late = new Error('does not answer; is it running, and is NATS_URL right?');
  const timer = setTimeout(() => reject(late), WAIT_MS);
  await Promise.race([joined, promise]).finally(() => clearTimeout(timer));
}

type Attempt<T> = { value: T; fault?: undefined } | { value?: undefined; fault: string };

async function attempt<T>(action: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { value: await action() };
  } catch (error) {
    return { fault: (error as Error).message };
  }
}
