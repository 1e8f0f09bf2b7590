/**
 * `node tests/faults/imports.ts`: imports and copies into buckets with three copies, in memory (fast batches) and on file (atomic ones), while the
 * server that leads the bucket is killed and frozen in turn. What was told stored is there, once and as it was sent; nothing else fails
 * than what may be tried again or cannot be told any more; no import outlives its deadline. `6 2500` behind it kills or freezes six times, with
 * deadlines of 2.5 seconds, which many calls do not meet.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  KvBucketCopyOutput,
  KvBucketExportOutput,
  KvBucketImportOutput,
} from '../../contract/types.gen.ts';
import { isFailure } from '../../runtime/core/envelope.ts';
import { joinNats } from '../support/kvflow.ts';
import type { FaultyCluster } from './cluster.ts';
import { startFaultyCluster } from './cluster.ts';

const [OUTAGES = 4, DEADLINE_MS = 20_000] = process.argv.slice(2).map(Number);
const ITEMS = 400;
const IMPORTERS = 3;
const COPIED = 1_000;
/** A call may take so much longer than its deadline, on a machine that is busy. */
const LEEWAY_MS = 2_000;
const contentOf = (key: string) => `value of ${key}`;

await using cluster = await startFaultyCluster();
await using k = joinNats({ servers: cluster.urls });
const faults: string[] = [];
for (const storage of ['memory', 'file'] as const) faults.push(...(await tryStorage(storage)));
console.log(faults.length === 0 ? 'as it was told' : [...new Set(faults)].slice(0, 20).join('\n'));
process.exitCode = faults.length === 0 ? 0 : 1;

async function tryStorage(storage: 'memory' | 'file'): Promise<string[]> {
  const [bucket, from] = [`into-${storage}`, `from-${storage}`];
  for (const name of [bucket, from])
    await k.call('kv-bucket-create', { bucket: name, storage, num_replicas: 3, history: 5 });
  const items = Array.from({ length: COPIED }, (_, at) => ({ key: `c.${at}`, value: contentOf(`c.${at}`) }));
  await k.call('kv-key-put-many', { bucket: from, items });
  const seen = { faults: [] as string[], told: new Map<string, string>(), goes: true, longest: 0 };
  const working = Array.from({ length: IMPORTERS }, (_, id) => importing(bucket, id, seen));
  working.push(copying({ bucket: from, to_bucket: bucket }, seen));
  for (let at = 0; at < OUTAGES; at++) await outage(cluster, `KV_${bucket}`, at % 2 === 0);
  seen.goes = false;
  await Promise.all(working);
  await compare(bucket, seen);
  const counts = new Map<string, number>();
  for (const what of seen.told.values()) counts.set(what, (counts.get(what) ?? 0) + 1);
  const told = [...counts].map(([what, count]) => `${what} ${count}`).join(', ');
  console.log(`${storage}: ${told}; the longest import took ${seen.longest} ms`);
  return seen.faults.map(fault => `${storage}: ${fault}`);
}

interface Seen {
  faults: string[];
  /** Of each key `stored`, or the code it failed with. */
  told: Map<string, string>;
  goes: boolean;
  longest: number;
}

async function importing(bucket: string, id: number, seen: Seen): Promise<void> {
  for (let round = 0; seen.goes; round++) {
    const keys = Array.from({ length: ITEMS }, (_, at) => `k.${id}.${round}.${at}`);
    // Some have headers, by which they are known; others are known by their value alone.
    const records = keys.map((key, at) => ({
      key,
      value: contentOf(key),
      ...(at % 2 < round % 3 && { content_type: 'text/plain' }),
    }));
    const began = Date.now();
    const on_conflict = round % 2 ? 'overwrite' : 'skip';
    const answer = await k.invoke(
      'kv-bucket-import',
      { bucket, records, on_conflict },
      { timeoutMs: DEADLINE_MS },
    );
    const took = Date.now() - began;
    seen.longest = Math.max(seen.longest, took);
    if (took > DEADLINE_MS + LEEWAY_MS) seen.faults.push(`an import took ${took} ms`);
    if (isFailure(answer)) {
      note(answer.error, seen);
      for (const key of keys) seen.told.set(key, answer.error.code);
      continue;
    }
    const { imported, skipped, failed } = answer.data as KvBucketImportOutput;
    if (imported + failed.length !== ITEMS || skipped > 0)
      seen.faults.push(
        `of ${ITEMS} new items ${imported} were imported, ${skipped} skipped, ${failed.length} failed`,
      );
    for (const key of keys) seen.told.set(key, 'stored');
    for (const { key, error } of failed) {
      note(error, seen);
      seen.told.set(key, error.code);
    }
  }
}

async function copying(copy: { bucket: string; to_bucket: string }, seen: Seen): Promise<void> {
  while (seen.goes) {
    const answer = await k.invoke('kv-bucket-copy', { ...copy, on_conflict: 'skip' });
    if (isFailure(answer)) note(answer.error, seen);
    else for (const { error } of (answer.data as KvBucketCopyOutput).failed) note(error, seen);
    await sleep(100);
  }
}

/** TIMEOUT is what cannot be told any more: its way out is to look. */
function note({ code, retryable }: { code: string; retryable: boolean }, { faults }: Seen): void {
  if (!retryable && code !== 'TIMEOUT') faults.push(`${code}, which is not to be tried again`);
}

async function outage({ servers, leaderOf }: FaultyCluster, stream: string, kills: boolean): Promise<void> {
  await sleep(1_500);
  const server = servers[await leaderOf(stream)];
  if (kills) await server?.stop('SIGKILL');
  else server?.pause();
  await sleep(7_000);
  if (kills) await server?.start();
  else server?.resume();
  await sleep(2_000);
}

/** Everything was written once, so that more than one revision of a key is one too many. */
async function compare(bucket: string, { told, faults }: Seen): Promise<void> {
  const revisions = new Map<string, number>();
  for (let after: number | undefined = 0; after !== undefined; ) {
    const page = (await k.call('kv-bucket-export', {
      bucket,
      history: true,
      after,
    })) as unknown as KvBucketExportOutput;
    for (const { key, value } of page.records) {
      revisions.set(key, (revisions.get(key) ?? 0) + 1);
      if (value !== contentOf(key)) faults.push(`${key} has another value`);
    }
    after = page.has_more ? page.next : undefined;
  }
  for (const [key, count] of revisions) if (count > 1) faults.push(`${key} is there ${count} times`);
  for (const [key, what] of told)
    if (what === 'stored' && !revisions.has(key)) faults.push(`${key} was told stored and is not there`);
}
