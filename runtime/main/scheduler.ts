/** Puts what is due: items that wait in any bucket, found by the index that whoever asked for them wrote. */
import { setTimeout as sleep } from 'node:timers/promises';
import { PackError } from '../../contract/errors.ts';
import { SCHEDULED_BUCKET } from '../../contract/own-buckets.ts';
import type { KvEntry, KvMarker, KvScheduled } from '../core/ports/items.ts';
import { isEntry } from '../core/ports/items.ts';
import type { KvStore } from '../core/ports/kv-store.ts';
import type { ScheduledPlace } from '../core/scheduled.ts';
import { readScheduleKey, scheduleKey, waitingKey } from '../core/scheduled.ts';

/** Puts what is due, for as long as this process runs. Any number of processes may. */
export interface Scheduler {
  stop(): Promise<void>;
}

/** What it is told, and what a test may set. */
export interface SchedulerOptions {
  /** Told what was dropped. */
  warn(line: string): void;
  /** Between two looks at whether anybody ever scheduled anything, in milliseconds. */
  idleMs?: number;
}

const IDLE_MS = 2_000;
/** Several processes are not to ask all at once: each waits a little, by chance. */
const SPREAD_MS = 60;
const CALL_MS = 10_000;
const WAIT_MS = 20_000;
const LONGEST_PAUSE_MS = 30_000;
/** Longer than a timer can be; what is due later is looked at again. */
const LONGEST_TIMER_MS = 3_600_000;
/** How long the end waits for what is being put, and for the watch to close. */
const COMMIT_MS = 1_000;
/** So long after its entry the item itself may still be on its way. */
const WRITTEN_WITHIN_MS = 60_000;
const CLOSE_MS = 100;
/** The value will not be taken however often it is put. */
const FINAL = ['INVALID_INPUT', 'VALUE_TOO_LARGE', 'UNSUPPORTED', 'IMMUTABLE', 'NOT_A_NUMBER'];

/** An entry of the index, and when it was written, in milliseconds since 1970 by the server's clock. */
interface Entry extends ScheduledPlace {
  written: number;
}

/** What it works on. */
export interface SchedulerNats {
  readonly kv: KvStore;
  /** Tells it of the first item that anybody schedules. */
  whenMade(bucket: string, heard: () => void): () => void;
}

/** Starts it. Where nobody ever scheduled anything it waits for the index, and asks once in a while whether it missed it. */
export function startScheduler(
  { kv, whenMade }: SchedulerNats,
  { warn, idleMs = IDLE_MS }: SchedulerOptions,
): Scheduler {
  const ending = new AbortController();
  let made = new AbortController();
  const deafen = whenMade(SCHEDULED_BUCKET, () => made.abort());
  const timers = new Map<string, NodeJS.Timeout>();
  const under = new Set<Promise<void>>();
  const done = follow();
  return {
    stop: async () => {
      ending.abort();
      made.abort();
      deafen();
      for (const timer of timers.values()) clearTimeout(timer);
      // What is being put may be put once more by whoever runs next, and finds that it was.
      await Promise.race([Promise.allSettled(under), wait(COMMIT_MS)]);
      await Promise.race([done, wait(CLOSE_MS)]);
    },
  };

  async function follow(): Promise<void> {
    while (!ending.signal.aborted) {
      // Before it looks: the index may be made while the answer that there is none is on its way.
      made = new AbortController();
      await followOnce().catch(() => undefined);
      await pause(idleMs);
    }
  }

  /** Until the index is gone, or NATS away for long. */
  async function followOnce(): Promise<void> {
    const call = { deadline: Date.now() + CALL_MS };
    // Less to ask than a watch, where there is nothing.
    await kv.now(call, SCHEDULED_BUCKET);
    const watch = await kv.watch(call, { bucket: SCHEDULED_BUCKET, filter: '>', start: 'current' });
    const close = () => watch.close();
    ending.signal.addEventListener('abort', close);
    try {
      while (!ending.signal.aborted) {
        const events = await watch.next(1_000, WAIT_MS);
        for (const event of events) {
          const place = isEntry(event) ? readScheduleKey(event.key) : undefined;
          if (place) await arm({ ...place, written: Date.parse(event.createdAt) });
        }
      }
    } finally {
      ending.signal.removeEventListener('abort', close);
      watch.close();
    }
  }

  /** Sets a timer by the server's clock. */
  async function arm(place: Entry): Promise<void> {
    if (timers.has(scheduleKey(place))) return;
    const now = await kv.now({ deadline: Date.now() + CALL_MS }, SCHEDULED_BUCKET);
    const left = Math.max(0, place.at - now) + Math.random() * SPREAD_MS;
    if (left > LONGEST_TIMER_MS) after(LONGEST_TIMER_MS, place, () => armAgain(place));
    else after(left, place, () => due(place, 0));
  }

  /** The watch does not tell of the entry again: where NATS is away, this asks until it is back. */
  async function armAgain(place: Entry): Promise<void> {
    timers.delete(scheduleKey(place));
    await arm(place).catch(() => after(LONGEST_PAUSE_MS, place, () => armAgain(place)));
  }

  function after(ms: number, place: Entry, then: () => Promise<void>): void {
    if (ending.signal.aborted) return;
    const run = (): void => {
      const work: Promise<void> = then().finally(() => under.delete(work));
      under.add(work);
    };
    timers.set(scheduleKey(place), setTimeout(run, ms).unref());
  }

  async function due(place: Entry, pausedMs: number): Promise<void> {
    try {
      await putDue(place);
      const entry = { bucket: SCHEDULED_BUCKET, key: scheduleKey(place), upTo: Number.MAX_SAFE_INTEGER };
      await kv.erase({ deadline: Date.now() + CALL_MS }, entry);
      timers.delete(scheduleKey(place));
    } catch {
      // NATS is away, the bucket is full, or the item is not there yet: it is tried until it is put.
      const next = Math.min(LONGEST_PAUSE_MS, Math.max(200, pausedMs * 2));
      after(next, place, () => due(place, next));
    }
  }

  /** Ends when the item is put, or nothing is there to be put. */
  async function putDue(place: Entry): Promise<void> {
    for (;;) {
      const { bucket, key } = place;
      const call = { deadline: Date.now() + CALL_MS };
      const waiting = await kv.get(call, { bucket, key: waitingKey(key) }).catch(ignoreMissing);
      if (!isEntry(waiting)) return await unlessUnderWay(place, waiting);
      if (!waiting.scheduled) return;
      // It was put off: its new time has an entry of its own.
      if (waiting.scheduled.at > place.at) return;
      try {
        await commit(waiting, waiting.scheduled, place);
        return;
      } catch (error) {
        if (!(error instanceof PackError)) throw error;
        if (error.code === 'REVISION_CONFLICT' && !namesOnly(error, key)) continue;
        if (error.code !== 'REVISION_CONFLICT' && !FINAL.includes(error.code)) throw error;
        await giveUp(place, waiting, error);
        return;
      }
    }
  }

  /** The entry is written before the item, which a busy machine stores later than it is due: throws where that may be so. */
  async function unlessUnderWay({ written }: Entry, marker: KvMarker | undefined): Promise<void> {
    if (marker && Date.parse(marker.createdAt) >= written) return;
    const now = await kv.now({ deadline: Date.now() + CALL_MS }, SCHEDULED_BUCKET);
    if (now < written + WRITTEN_WITHIN_MS) throw new Error('the item is not there yet');
  }

  /** The item leaves its waiting place and is put in one commit: it is put once, whoever is killed. */
  async function commit(
    waiting: KvEntry,
    scheduled: KvScheduled,
    { bucket, key }: ScheduledPlace,
  ): Promise<void> {
    const { ttl, expectedRevision } = scheduled;
    const call = { deadline: Date.now() + CALL_MS, by: waiting.by };
    await kv.transact(call, {
      bucket,
      operations: [
        {
          op: 'change',
          key,
          from: waiting.key,
          ...(expectedRevision !== undefined && { expectedRevision }),
          change: found => found && { value: found.value, ...(ttl !== undefined && { ttl }) },
        },
        { op: 'purge', key: waiting.key, expectedRevision: waiting.revision },
      ],
    });
  }

  /** What the key's revision speaks against is dropped, as was asked; what the bucket does not take stays where it waited. */
  async function giveUp(
    place: ScheduledPlace,
    waiting: KvEntry,
    { code, message }: PackError,
  ): Promise<void> {
    const what = `what was scheduled for key "${place.key}" of bucket "${place.bucket}"`;
    if (code !== 'REVISION_CONFLICT')
      return warn(`${what} was not put and stays at "${waiting.key}": ${message}`);
    warn(`${what} was dropped: ${message}`);
    await drop(place, waiting);
  }

  async function drop({ bucket }: ScheduledPlace, { key, revision }: KvEntry): Promise<void> {
    const call = { deadline: Date.now() + CALL_MS };
    await kv.remove(call, { bucket, key, operation: 'purge', expectedRevision: revision }).catch(error => {
      if (!(error instanceof PackError && error.code === 'REVISION_CONFLICT')) throw error;
    });
  }

  /** Until the index is made, too. */
  async function pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: made.signal, ref: false }).catch(() => undefined);
  }
}

function wait(ms: number): Promise<void> {
  return sleep(ms, undefined, { ref: false });
}

/** The key itself is not at the revision that was expected of it; the waiting item is as it was. */
function namesOnly({ details }: PackError, key: string): boolean {
  const { conflicts = [] } = details as { conflicts?: { key: string }[] };
  return conflicts.length > 0 && conflicts.every(conflict => conflict.key === key);
}

function ignoreMissing(error: unknown): undefined {
  if (!(error instanceof PackError && error.code === 'BUCKET_NOT_FOUND')) throw error;
  return undefined;
}
