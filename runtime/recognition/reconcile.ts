import { PackError } from '../../contract/errors.ts';
import { LOCKS_BUCKET, PENDING_BUCKET } from '../../contract/own-buckets.ts';
import type { Call } from '../core/call.ts';
import { toPackError } from '../core/envelope.ts';
import type { KvEntry } from '../core/ports/items.ts';
import type { ReconcileReport } from '../core/recognition-port.ts';
import { orEmpty } from '../core/state/or-empty.ts';
import { traced } from '../core/trace.ts';
import { createBackoff } from './backoff.ts';
import { bury } from './dead-letters/bury.ts';
import { createDeadEnding } from './dead-letters/letters.ts';
import type { CallParts, Failed, ReconcileLog } from './job.ts';
import { isAway } from './job.ts';
import { claimKey, destinationIn } from './keys.ts';
import type { PendingJob } from './pending.ts';
import { readPending, settle, settleBut } from './pending.ts';
import { heldItems, openJob, runJob } from './run.ts';
import { readSettings } from './settings.ts';
import { onceMore, RECOGNITION } from './state.ts';
import { ownEvents, toItems } from './who/items.ts';

/** How long one entry may take, and its claim holds. */
const LEASE_MS = 60_000;
const PAGE = 8;

/** Makes what finishes calls that were left unfinished, of one process. Several look at the same entries: a claim gives each to one of them. */
export function createReconciler(parts: CallParts, log: ReconcileLog) {
  const { kv, running, defaults } = parts;
  const busy = new Set<string>();
  const backoff = createBackoff(parts, log);
  const tellEnding = createDeadEnding(kv, log);
  let isTold = false;
  return { run, pending };

  async function pending(call: Call): Promise<Map<string, number>> {
    return countByDestination(await keysOf(call));
  }

  async function run(call: Call): Promise<ReconcileReport> {
    await tellEnding(call);
    const keys = new Set(await keysOf(call));
    if (keys.size > 0) await requireServer(call);
    const left = countByDestination(keys);
    backoff.keep(what => left.has(what) || keys.has(what));
    const idle = [...left.keys()].filter(destination => !busy.has(destination));
    const finished = await Promise.all(idle.map(destination => lane(call, destination)));
    const count = finished.reduce((sum, one) => sum + one, 0);
    return { finished: count, left: keys.size - count };
  }

  /** Said once: what waits goes on waiting until NATS is updated. */
  async function requireServer(call: Call): Promise<void> {
    try {
      await kv.requireTransactions(call, RECOGNITION);
    } catch (error) {
      const { code, message } = toPackError(error);
      if (code === 'UNSUPPORTED' && !isTold) log.warn(`recognition: calls wait to be finished: ${message}`);
      isTold ||= code === 'UNSUPPORTED';
      throw error;
    }
  }

  /** One destination's entries, oldest first, so that one that is down stops no other. */
  async function lane(call: Call, destination: string): Promise<number> {
    if (backoff.isWaiting(destination)) return 0;
    busy.add(destination);
    let finished = 0;
    try {
      for (let after = 0, more = true; more; ) {
        const page = await kv.listPage(call, {
          bucket: PENDING_BUCKET,
          filter: `${destination}.>`,
          startSeq: after,
          limit: PAGE,
        });
        for (const entry of page.entries) {
          if (backoff.isWaiting(destination)) return finished;
          if (await take(entry, destination)) finished += 1;
        }
        after = page.nextSeq;
        more = page.hasMore;
      }
      return finished;
    } catch (error) {
      // NATS itself: the next round tries again.
      log.warn(`recognition: ${toPackError(error).message}`);
      return finished;
    } finally {
      busy.delete(destination);
    }
  }

  /** Whether the entry was finished. */
  async function take(entry: KvEntry, destination: string): Promise<boolean> {
    const { key } = entry;
    const isYoung = Date.now() - Date.parse(entry.createdAt) < defaults.reconcileAfterMs;
    if (isYoung || running.has(key) || backoff.isWaiting(key) || !(await isOurs(entry))) return false;
    const call = { deadline: Date.now() + LEASE_MS };
    const claimed = await onceMore(parts.buckets, () => claim(call, key));
    if (claimed === undefined) return false;
    try {
      const done = await onceMore(parts.buckets, () => redo(call, entry));
      if (done) await backoff.finished(destination, key);
      return done;
    } catch (error) {
      await backoff.postpone(isAway(error) ? destination : key, destination, toPackError(error));
      return false;
    } finally {
      await release(key, claimed);
    }
  }

  /** Of an embedded warehouse each kvflow has its own, which no other reaches. */
  async function isOurs(entry: KvEntry): Promise<boolean> {
    const job = await readPending(entry);
    if (job?.home === undefined) return true;
    const destination = await parts.destinations.open(job.settings.destination ?? '').catch(() => undefined);
    return destination?.home === job.home;
  }

  async function redo(call: Call, entry: KvEntry): Promise<boolean> {
    // Whoever had it before us may have finished it since it was listed.
    const still = await kv.get(call, { bucket: PENDING_BUCKET, key: entry.key });
    if (still?.revision !== entry.revision) return false;
    const job = await readPending(entry);
    if (!job) {
      const message = `Key "${entry.key}" of bucket "${PENDING_BUCKET}" is no call of identify; delete the key.`;
      throw new PackError('INTERNAL', message);
    }
    return await traced(
      () => ({ name: 'finish identify' }),
      () => finish(call, entry, job),
      job.trace,
    );
  }

  async function finish(call: Call, entry: KvEntry, job: PendingJob): Promise<boolean> {
    const { settings: plain, at, first, events } = job;
    const settings = readSettings(plain);
    const destination = await parts.destinations.open(plain.destination ?? '');
    const refused: Failed[] = [];
    const refuse = (index: number, error: PackError) => refused.push({ error, event: events[index] ?? {} });
    const items = toItems(events, { settings, at, first, refuse });
    const ctx = await openJob(parts, call, { settings, destination, mostAnswered: 0 });
    await runJob({ ...ctx, own: ownEvents(items) }, { items, at, redo: true });
    for (const { error } of ctx.outcome.failed) {
      log.warn(
        `recognition: an event could not be stored in ${plain.destination}: ${error.code} ${error.message}`,
      );
    }
    const [held] = ctx.postponed.values();
    const later = heldItems(ctx, items);
    // All of it is tried again, or what is held alone.
    if (held && later.length === items.length) throw held;
    // Before the entry goes: an event that was taken over is never dropped.
    const burying = { ...parts, settings, at, by: entry.key };
    const [tooLarge] = await bury(burying, call, [...refused, ...ctx.outcome.failed]);
    if (tooLarge) throw tooLarge.error;
    if (later.length > 0)
      await settleBut({ kv, call, settings: plain, home: job.home, at }, entry.key, later);
    else await settle(kv, call, entry);
    return true;
  }

  /** The claim's revision; undefined where another has it. */
  async function claim(call: Call, key: string): Promise<number | undefined> {
    await parts.buckets.ready(call, LOCKS_BUCKET);
    try {
      const ttl = (LEASE_MS + 5_000) * 1_000_000;
      const put = { bucket: LOCKS_BUCKET, key: claimKey(key), value: '{}', expectedRevision: 0, ttl };
      return (await kv.put(call, put)).revision;
    } catch (error) {
      if (error instanceof PackError && error.code === 'REVISION_CONFLICT') return undefined;
      throw error;
    }
  }

  /** A claim that cannot be released ends by itself. */
  async function release(key: string, revision: number): Promise<void> {
    const call = { deadline: Date.now() + 5_000 };
    await kv.erase(call, { bucket: LOCKS_BUCKET, key: claimKey(key), upTo: revision }).catch(() => undefined);
  }

  async function keysOf(call: Call): Promise<string[]> {
    return await orEmpty(kv).keys(call, PENDING_BUCKET, '>');
  }
}

function countByDestination(keys: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) {
    const destination = destinationIn(key);
    counts.set(destination, (counts.get(destination) ?? 0) + 1);
  }
  return counts;
}
