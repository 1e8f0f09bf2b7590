import { AUDIT_BUCKET } from '../../../contract/own-buckets.ts';
import type { Call } from '../../core/call.ts';
import type { KvStore } from '../../core/ports/kv-store.ts';
import type { Eviction, Evictions, Item, JobContext } from '../job.ts';
import { auditKey } from '../keys.ts';
import type { StoredNote } from '../note.ts';
import { noteOf, toStoredNote } from '../note.ts';
import type { Listed } from '../remember.ts';
import { toListed } from '../remember.ts';
import type { ReadSettings } from '../settings.ts';
import { windowOf } from '../settings.ts';
import { putEach } from '../state.ts';

const MAX_QUEUED = 100_000;
/** From here on calls do not hold it up any more, and a lane is kept for it. */
const LONG = 50_000;
const AGAIN_MS = 1_000;
const IN_FLIGHT = 4;
/** Whose notes are written together. */
const BATCH = 64;
const WITHIN_MS = 5_000;

/**
 * Makes the queue of one process. Taking an event out costs the server as much as storing it, several times what
 * amending its row costs the warehouse; and nothing depends on it: what is done is known by the mapping, and what a
 * process leaves behind ends with its window. `note` writes down what is to be known of events that are taken out.
 */
export function createEvictions(
  kv: KvStore,
  note: (kv: KvStore, evictions: readonly Eviction[]) => Promise<void> = async () => undefined,
): Evictions {
  const queue: Eviction[] = [];
  let held = 0;
  let lanes = 0;
  let closed = false;
  let isAway = false;
  let waiting: (() => void)[] = [];
  return { later, hold, room, idle, close };

  function later(events: readonly Eviction[]): void {
    for (const event of events) if (!closed) queue.push(event);
    run();
  }

  function hold(): () => void {
    held += 1;
    return () => {
      held -= 1;
      run();
    };
  }

  async function room(): Promise<void> {
    while (queue.length > MAX_QUEUED && !isAway && !closed)
      await new Promise(resolve => setTimeout(resolve, 10));
  }

  async function idle(): Promise<void> {
    if ((queue.length === 0 || isAway) && lanes === 0) return;
    await new Promise<void>(resolve => waiting.push(resolve));
  }

  async function close(): Promise<void> {
    closed = true;
    queue.length = 0;
    await idle();
  }

  function run(): void {
    while (!isAway && lanes < Math.min(mayRun(), queue.length)) {
      lanes += 1;
      void lane();
    }
  }

  async function lane(): Promise<void> {
    let batch = take();
    try {
      for (; batch.length > 0; batch = take()) {
        await note(kv, batch);
        for (let next = batch.at(-1); next; next = batch.at(-1)) {
          const { bucket, key, upTo } = next;
          await kv.erase({ deadline: Date.now() + WITHIN_MS }, { bucket, key, upTo });
          batch.pop();
        }
      }
    } catch {
      // NATS is away for now. What is not taken out ends with its window.
      isAway = true;
      if (!closed) queue.push(...batch);
      if (queue.length > MAX_QUEUED) queue.length = MAX_QUEUED;
      setTimeout(goOn, AGAIN_MS).unref();
    }
    lanes -= 1;
    if ((queue.length > 0 && !closed && !isAway) || lanes > 0) return;
    for (const resolve of waiting) resolve();
    waiting = [];
  }

  /** How many lanes there may be. */
  function mayRun(): number {
    if (held === 0) return IN_FLIGHT;
    return queue.length > LONG ? IN_FLIGHT : 0;
  }

  function goOn(): void {
    isAway = false;
    run();
  }

  function take(): Eviction[] {
    if (lanes > mayRun()) return [];
    // From the end, as taking from the front moves all the others.
    return queue.splice(Math.max(0, queue.length - (queue.at(-1)?.noteFor ? BATCH : 1)));
  }
}

/**
 * Forgets events by and by, unless they are written again. A note is kept of those that may have a row, unless the record of
 * what was changed has it.
 */
export function evict(
  { evictions, settings }: JobContext,
  events: readonly (Pick<Listed, 'key' | 'revision'> & { isNoted?: boolean })[],
): void {
  const { bucket } = settings;
  evictions.later(
    events.map(({ key, revision, isNoted = false }) => ({
      bucket,
      key,
      upTo: revision,
      noteFor: isNoted ? undefined : settings,
    })),
  );
}

/** The same of events of the job, as far as they are remembered. */
export function evictOwn(ctx: JobContext, items: readonly Item[]): void {
  const events = items.flatMap(({ visitor, token, revision }) =>
    visitor !== undefined && revision !== undefined ? [{ key: `${visitor}.${token}`, revision }] : [],
  );
  evict(ctx, events);
}

/** In the place of the event that named the visitor; no such token has small letters after `=`. */
const GONE = '=gone';
const NOTE_WITHIN_MS = 10_000;

/** Writes down when events happened that are about to be taken out, an entry for each visitor. */
export async function noteGone(kv: KvStore, evictions: readonly Eviction[]): Promise<void> {
  const call = { deadline: Date.now() + NOTE_WITHIN_MS };
  const at = new Date().toISOString();
  for (const [settings, some] of Map.groupBy(evictions, ({ noteFor }) => noteFor)) {
    if (!settings) continue;
    const { bucket, destination = '' } = settings;
    const notes = await notesOf({ kv, call, settings }, some);
    const puts = [...notes].map(([visitor, gone]) => {
      const entry = { destination, by: GONE, at, rows: [], gone: Object.fromEntries(gone) };
      return {
        key: auditKey(bucket, visitor, GONE),
        value: JSON.stringify(entry),
        ttl: windowOf(settings),
      };
    });
    await putEach(kv, call, { bucket: AUDIT_BUCKET, puts });
  }
}

/** By visitor, then by token. */
async function notesOf(
  { kv, call, settings }: { kv: KvStore; call: Call; settings: ReadSettings },
  evictions: readonly Eviction[],
): Promise<Map<string, [string, StoredNote][]>> {
  const keys = evictions.map(({ key }) => key);
  const found = await kv.getMany(call, settings.bucket, keys);
  const notes = new Map<string, [string, StoredNote][]>();
  for (const entry of found) {
    const listed = await toListed(entry);
    const note = listed && noteOf(listed.remembered, settings);
    if (!note) continue;
    const others = notes.get(listed.visitor) ?? [];
    others.push([listed.token, toStoredNote(note)]);
    notes.set(listed.visitor, others);
  }
  return notes;
}
