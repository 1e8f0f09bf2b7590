import type { KvValue } from '../kv/transaction.ts';
import type { SandboxStats } from '../types.ts';
import { type Accepted, type Attempt, eventsOf, faultOf, fetchFaultOf } from './attempt.ts';
import { type BlockOptions, isAboutBlock, readBlock, readBlockList } from './block-record.ts';
import { neverInBlocks } from './definition.ts';
import { BYTES_ONLY } from './frames.ts';
import type { Replies } from './lane-frames.ts';
import type { Liveness } from './liveness.ts';
import {
  idOf,
  type KvRead,
  parseHead,
  parseOutput,
  readFetch,
  readKvRead,
  readRecord,
  readWarning,
} from './records.ts';
import type { Running } from './running.ts';

/** Takes what a worker says: records of events and reads of `$kv`. */
export interface LaneOutput {
  /** Takes a frame; false when the worker broke the protocol. `bytes`: the same, as they came; those of a list are changed. */
  take(kind: string, text: string, bytes?: Buffer): boolean;
  /** Outcomes that are being written. */
  committing(): number;
  /** A new worker: what the last one asked for is of no interest any more. */
  restart(): void;
  /** Reads are under way, for which the worker waits. */
  waits(): boolean;
  /** How many events may be in the worker at once: fewer where each comes to much. */
  window(): number;
}

/** What it works with. */
export interface LaneOutputContext {
  running: Running;
  life: Liveness;
  replies: Replies;
  stats: SandboxStats;
  again(attempt: Attempt): void;
  /** Runs the events of a block one by one. */
  split(attempt: Attempt): void;
  pump(): void;
}

const MAX_STRAYS = 10_000;
/** Events in a worker before it is known what they come to, and at most. */
const FIRST_EVENTS = 64;
const MAX_EVENTS = 512;
/** Characters that what is in a worker may come to. */
const WINDOW_OUT = 16 << 20;
/** How fast a heavy event is forgotten, by each frame. */
const FADE = 0.98;
const LINE_BREAK = 0x0a;
const NOTHING = Buffer.alloc(0);

/** For one lane. */
export function createLaneOutput(context: LaneOutputContext): LaneOutput {
  const { running, life, replies, stats } = context;
  let committing = 0;
  let pendingReads = 0;
  let strays = 0;
  /** Of the event that was done last. */
  let script = '';
  /** Characters that an event came to lately, its writes included. */
  let weight = 0;

  return {
    take(kind, text, bytes) {
      if (kind === BYTES_ONLY) return takeList(bytes);
      return kind === 'O' && takeOutput(text, bytes);
    },
    committing: () => committing,
    restart() {
      replies.clear();
      pendingReads = 0;
      strays = 0;
    },
    waits: () => pendingReads > 0,
    window: () => (weight === 0 ? FIRST_EVENTS : Math.min(MAX_EVENTS, Math.max(1, WINDOW_OUT / weight))),
  };

  function takeOutput(text: string, bytes?: Buffer): boolean {
    const output = parseOutput(text);
    if (!output) return false;
    const { records, reads, warnings, fetches } = output;
    // Before the records: what they are about is not done yet.
    for (const warning of warnings) onWarning(warning);
    const isAlone = records.length === 1 && bytes?.length === text.length;
    const own = isAlone ? bytes : undefined;
    return weighed(
      text.length,
      () => records.every(record => onRecord(record, own)) && reads.every(onRead) && fetches.every(onFetch),
    );
  }

  /** A block that became a list: a line that says which and what of it, and the list. */
  function takeList(bytes: Buffer = NOTHING): boolean {
    const end = bytes.indexOf(LINE_BREAK);
    const head = parseHead(bytes.toString('latin1', 0, Math.max(0, end)));
    return head !== undefined && weighed(bytes.length, () => onList(head, bytes.subarray(end + 1)));
  }

  /** What a frame of so many characters tells of events that are done. */
  function weighed(chars: number, read: () => boolean): boolean {
    const before = stats.events;
    const isHonest = read();
    const events = stats.events - before;
    if (events > 0) life.done(events, script);
    if (events > 0) weight = Math.max(chars / events, weight * FADE);
    return isHonest;
  }

  /** An id that is not under way: forged, repeated, or of a run that was called off. Ignored, up to a number. */
  function stray(): boolean {
    stats.ignoredFrames++;
    return ++strays <= MAX_STRAYS;
  }

  function onWarning(item: unknown): void {
    const warning = readWarning(item);
    if (warning) running.heard(warning.id)?.call.warn(warning.text);
  }

  /** `bytes`: its frame, where it has no other record and each byte is a character. */
  function onRecord(item: unknown, bytes: Buffer | undefined): boolean {
    const id = idOf(item);
    const attempt = running.heard(id);
    if (!attempt) return stray();
    if (attempt.size) return onBlock(attempt, item, bytes);
    const { limits } = attempt.definition;
    const { asText, spend } = attempt.call;
    const record = readRecord(item, { limits, asText, spend });
    if (!record) return false;
    running.remove(id);
    script = attempt.definition.key;
    stats.events++;
    const accepted = attempt.call.accept(attempt, record);
    if (typeof accepted !== 'string') follow(attempt, accepted);
    return true;
  }

  function onBlock(attempt: Attempt, item: unknown, bytes: Buffer | undefined): boolean {
    if (!isAboutBlock(item)) return false;
    const record = readBlock(item, { ...blockOptions(attempt), bytes });
    return record !== undefined && onBlockRecord(attempt, idOf(item), record);
  }

  function onList(head: unknown[], bytes: Buffer): boolean {
    const attempt = running.heard(idOf(head));
    if (!attempt) return stray();
    const record = attempt.size ? readBlockList(head[1], bytes, blockOptions(attempt)) : undefined;
    return record !== undefined && onBlockRecord(attempt, idOf(head), record);
  }

  function onBlockRecord(
    attempt: Attempt,
    id: number,
    record: Exclude<ReturnType<typeof readBlock>, undefined>,
  ): boolean {
    const { definition, call } = attempt;
    running.remove(id);
    if (record === 'never') neverInBlocks(definition);
    if (record === 'split' || record === 'never') {
      context.split(attempt);
      return true;
    }
    script = definition.key;
    stats.events += eventsOf(attempt);
    call.acceptBlock(attempt, record);
    return true;
  }

  function follow(attempt: Attempt, accepted: Promise<Accepted>): void {
    committing++;
    accepted.then(outcome => {
      committing--;
      if (outcome === 'again') context.again(attempt);
      else context.pump();
    });
  }

  /** Who asks for something: no block may, since its events run again one by one where they want more than they are given. */
  function asking(id: number): Attempt | undefined {
    const attempt = running.heard(id);
    return attempt?.size ? undefined : attempt;
  }

  function onRead(item: unknown): boolean {
    const id = idOf(item);
    const attempt = asking(id);
    if (!attempt) return stray();
    const read = readKvRead(item);
    if (!read || ++attempt.reads > attempt.definition.limits.kvOperations) return false;
    pendingReads++;
    life.progress();
    try {
      const value = attempt.call.read(attempt, read.key);
      if (value instanceof Promise) answerLater(attempt, read, value);
      else answer(attempt, found(read, value));
    } catch (error) {
      answer(attempt, failed(read, error));
    }
    return true;
  }

  function answerLater(attempt: Attempt, read: KvRead, value: Promise<KvValue>): void {
    value.then(
      value => answer(attempt, found(read, value)),
      error => answer(attempt, failed(read, error)),
    );
  }

  function onFetch(item: unknown): boolean {
    const id = idOf(item);
    const attempt = asking(id);
    if (!attempt) return stray();
    const asked = readFetch(item);
    if (!asked || ++attempt.reads > attempt.definition.limits.kvOperations) return false;
    pendingReads++;
    life.progress();
    attempt.call.fetch(attempt, asked.request).then(
      json => answer(attempt, [id, asked.op, 0, json, 0]),
      error => answer(attempt, [id, asked.op, 1, fetchFaultOf(error)]),
    );
    return true;
  }

  function answer(attempt: Attempt, reply: unknown[]): void {
    pendingReads = Math.max(0, pendingReads - 1);
    life.progress();
    if (running.heard(reply[0] as number) !== attempt) return;
    replies.push(reply);
  }
}

function blockOptions(attempt: Attempt): BlockOptions {
  const { asBytes, spend } = attempt.call;
  return { limits: attempt.definition.limits, size: eventsOf(attempt), spend, asBytes };
}

function found({ id, op }: KvRead, { json, expiresAt }: KvValue): unknown[] {
  return [id, op, 0, json ?? null, expiresAt ?? 0];
}

function failed({ id, op }: KvRead, error: unknown): unknown[] {
  return [id, op, 1, faultOf(error)];
}
