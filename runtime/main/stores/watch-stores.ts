import { setTimeout as sleep } from 'node:timers/promises';
import type { KvStore } from '../../core/ports/kv-store.ts';
import type { BucketReport, Inspection, StoresReport } from '../../nats/kv/inspect.ts';
import type { StoreFigures } from '../../server/store-metrics.ts';
import { createFill } from './fill.ts';
import type { Marks } from './high-water.ts';
import { behind, marksOf, readMarks, writeMarks } from './high-water.ts';
import { accountWarnings, diskWarnings, freeSpace } from './space.ts';

/** What stores are watched with. */
export interface StoreWatchOptions {
  nats: Inspection & { kv: KvStore; connected(): boolean };
  dataDir: string;
  /** Whether its disk is the one that NATS writes to. */
  embedded: boolean;
  /** What the embedded server said at its start; undefined: NATS is somebody else's. */
  startWarnings?: () => Promise<string[]>;
  warn(line: string): void;
  /** How much room a folder has. Default: what the system says. */
  space?: typeof freeSpace;
}

/** Looks after the stores of an account for as long as kvflow runs. */
export interface StoreWatch extends AsyncDisposable {
  /** Looks now. Never throws: what it cannot see it says when it is asked next. */
  look(): Promise<void>;
  /** What is not as it should be, though calls are served. */
  warnings(): string[];
  /** Buckets of which something was lost. */
  damaged(): BucketReport[];
  /** What metrics show of it. */
  figures(): StoreFigures;
}

const EVERY_MS = 15_000;
const LOOK_MS = 10_000;
/** The end of kvflow does not wait for a NATS that is silent. */
const LAST_LOOK_MS = 1_000;
/** Readers that are gone are ended within a minute: so many are not at work. The server takes 1,000 on a stream (nats-server 2.15). */
const MAX_CONSUMERS = 900;

/**
 * Watches stores: how far each bucket was is kept in a file of the data directory, so that one that comes back with less, after a
 * crash of NATS or a damage of its disk, is told. The server itself says nothing of what it lost at the end of a store.
 */
export async function watchStores(options: StoreWatchOptions): Promise<StoreWatch> {
  const { nats, dataDir, warn, space: spaceOf = freeSpace } = options;
  let marks = await readMarks(dataDir);
  let warnings: string[] = [];
  let damaged: BucketReport[] = [];
  const told = new Set<string>();
  const fill = createFill();
  const atStart = (await options.startWarnings?.().catch(() => [])) ?? [];
  let looking: Promise<void> | undefined;
  const timer = setInterval(() => void look(), EVERY_MS).unref();
  return {
    look,
    warnings: () => warnings,
    damaged: () => damaged,
    figures: () => ({
      warnings: warnings.length,
      damaged: damaged.map(({ bucket }) => bucket),
      fill: fill.figures(),
    }),
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      await Promise.race([look(), sleep(LAST_LOOK_MS, undefined, { ref: false })]);
    },
  };

  function look(): Promise<void> {
    looking ??= lookNow()
      .catch(() => undefined)
      .finally(() => {
        looking = undefined;
      });
    return looking;
  }

  async function lookNow(): Promise<void> {
    if (!nats.connected()) return;
    const call = { deadline: Date.now() + LOOK_MS };
    let report = await nats.inspect(call);
    const lost = await behind(call, nats, { marks, buckets: report.buckets });
    for (const { bucket, had, has } of lost)
      await nats.noteLoss(call, bucket, { had, has, at: new Date().toISOString() });
    if (lost.length > 0) report = await nats.inspect(call);
    const account = await nats.kv.accountInfo(call);
    const space = options.embedded ? await spaceOf(dataDir) : undefined;
    fill.note(report.buckets);
    damaged = report.buckets.filter(({ damage }) => damage);
    warnings = [
      ...storeWarnings(report),
      ...accountWarnings(account),
      ...diskWarnings(space),
      ...atStart.map(line => `nats-server said at its start: ${line}`),
    ];
    for (const line of warnings.filter(line => !told.has(line))) warn(line);
    for (const line of warnings) told.add(line);
    const now = marksOf(report.buckets);
    if (revisionsOf(now) !== revisionsOf(marks)) await writeMarks(dataDir, now);
    marks = now;
  }
}

/** What is kept changes where these do: the time of the look alone says nothing new. */
function revisionsOf(marks: Marks): string {
  return JSON.stringify(
    Object.entries(marks).map(([bucket, { created, revision }]) => [bucket, created, revision]),
  );
}

/** What a look at the stores shows that is not as it should be. */
export function storeWarnings({ buckets, unavailable, helpers }: StoresReport): string[] {
  return [
    ...buckets.flatMap(({ bucket, damage }) => (damage ? [`Bucket "${bucket}": ${damage.message}`] : [])),
    ...buckets
      .filter(({ consumers }) => consumers > MAX_CONSUMERS)
      .map(
        ({ bucket, consumers }) => `Bucket "${bucket}" has ${consumers} consumers, more than are at work.`,
      ),
    ...unavailable.map(
      name => `No server answers for stream ${name}: it has no leader, or its servers are away.`,
    ),
    ...(helpers.length > 0
      ? [`Left over by backups that were killed, and deleted at the next start: ${helpers.join(', ')}.`]
      : []),
  ];
}
