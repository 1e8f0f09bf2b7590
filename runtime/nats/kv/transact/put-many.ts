import { PackError } from '../../../../contract/errors.ts';
import type { Call } from '../../../core/call.ts';
import { areDistinct } from '../../../core/distinct-texts.ts';
import { pipelined } from '../../../core/pipeline.ts';
import type { KvStore } from '../../../core/ports/kv-store.ts';
import { isStoreFault } from '../../errors.ts';
import type { BucketHandle, Handles } from '../bucket/handles.ts';
import { noteWitness } from '../read/witness.ts';
import type { BatchMessage, SendBatch } from './batch.ts';
import { newCommit } from './batch.ts';
import { brokenGuards, conflictOf } from './guards.ts';
import type { Guards } from './plan-types.ts';
import type { PreparedPut, PutAnswer } from './prepared-puts.ts';
import { endOf, packError, preparePuts } from './prepared-puts.ts';
import type { ReadTogether } from './together.ts';

/** What many puts are made with. */
export interface PutManyDependencies {
  handles: Handles;
  put: KvStore['put'];
  sendBatch: SendBatch;
  readTogether: ReadTogether;
  maxPayload(): number;
}

const IN_FLIGHT = 256;
const MAX_MESSAGES = 1_000;
/** One commit is held in the server's memory, or in a file of its own, until it is whole. */
const MAX_BYTES = 8 * 1024 * 1024;
/** A commit refused this often is made of keys that others write all the time. */
const MAX_TRIES = 3;

/**
 * Makes the puts of many items of one connection: a commit for each chunk, in which the disk is synced once. What a commit
 * is refused for is found out item by item, so that every answer is the item's own.
 */
export function createPutMany(deps: PutManyDependencies): KvStore['putMany'] {
  const { handles, sendBatch, readTogether } = deps;

  return async (call, bucket, puts) => {
    const handle = await handles.open(call, bucket);
    const answers: PutAnswer[] = new Array(puts.length);
    const items = preparePuts(call, handle, { puts, answers, maxPayload: deps.maxPayload() });
    const together = canCommit(handle, items);
    for (const chunk of together ? chunksOf(items) : [items]) {
      const left = together ? await commit(call, handle, { items: chunk, answers }) : chunk;
      await oneByOne(call, bucket, { items: left, answers });
    }
    return answers;
  };

  /** Answers the items that are to be put one by one. */
  async function commit(call: Call, handle: BucketHandle, work: Work): Promise<PreparedPut[]> {
    const { answers } = work;
    const guards = guardsOf(work.items);
    const one = newCommit();
    let items = work.items;
    for (let tries = 0; tries < MAX_TRIES && items.length >= leastWorth(handle); tries++) {
      if (Date.now() >= call.deadline) return items;
      try {
        const messages = items.flatMap(item => toMessages(item, guards));
        const ends = items.map(({ put, expiresAt }) => expiresAt ?? endOf(handle, put));
        const outcome = await sendBatch(call, handle, messages, one);
        if (outcome !== 'refused') {
          settle({ items, answers }, { first: outcome.first, ends });
          noteWitness(handle, handle.readPrefix + (items.at(-1)?.message.key ?? ''));
          return [];
        }
        if (guards.size === 0) return items;
        const snapshot = await readTogether(call, handle, [...guards.keys()]);
        const broken = brokenGuards(handle, guards, snapshot);
        for (const { index, message } of items) {
          const at = broken.get(message.key);
          if (at) answers[index] = conflictOf(handle.bucket, [at]);
        }
        items = items.filter(({ message }) => !broken.has(message.key));
        for (const key of broken.keys()) guards.delete(key);
      } catch (error) {
        const known = packError(error);
        if (mayBeOne(known)) return items;
        for (const { index } of items) answers[index] = known;
        return [];
      }
    }
    return items;
  }

  /** Items on one key wait for one another; all others are on their way at once. */
  async function oneByOne(call: Call, bucket: string, { items, answers }: Work): Promise<void> {
    await pipelined(byKey(items), IN_FLIGHT, async turns => {
      for (const { index, put } of turns) {
        try {
          if (Date.now() >= call.deadline) throw neverTried();
          answers[index] = await deps.put(call, { bucket, ...put });
        } catch (error) {
          answers[index] = packError(error);
        }
      }
    });
  }
}

interface Work {
  items: PreparedPut[];
  answers: PutAnswer[];
}

/** On file a commit pays its own store, so that a few puts side by side are faster. */
function leastWorth({ origin: { config } }: BucketHandle): number {
  return config.storage === 'file' && config.num_replicas === 1 ? 64 : 8;
}

/** Whether items can be committed together: of a key that comes twice, only the first may expect a revision. */
function canCommit(handle: BucketHandle, items: PreparedPut[]): boolean {
  if (handle.origin.bucket !== handle.bucket || !handle.config.allow_atomic) return false;
  if (items.length < leastWorth(handle)) return false;
  if (items.every(({ put }) => put.expectedRevision === undefined)) return true;
  return areDistinct(items.map(({ message }) => message.key));
}

function chunksOf(items: PreparedPut[]): PreparedPut[][] {
  const chunks: PreparedPut[][] = [];
  let bytes = 0;
  let messages = 0;
  for (const item of items) {
    const more = item.marker ? 2 : 1;
    bytes += item.message.value.length;
    messages += more;
    if (chunks.length === 0 || messages > MAX_MESSAGES || bytes > MAX_BYTES) {
      chunks.push([]);
      bytes = item.message.value.length;
      messages = more;
    }
    chunks.at(-1)?.push(item);
  }
  return chunks;
}

function guardsOf(items: PreparedPut[]): Guards {
  const guards: Guards = new Map();
  for (const { put, message } of items) {
    const expected = put.expectedRevision;
    if (expected !== undefined) guards.set(message.key, { key: put.key, expected, sent: expected });
  }
  return guards;
}

function toMessages({ message, marker }: PreparedPut, guards: Guards): BatchMessage[] {
  const found = guards.get(message.key);
  const guard = found && { key: message.key, revision: found.sent };
  if (marker) return [guard ? { ...marker, guard } : marker, message];
  return [guard ? { ...message, guard } : message];
}

function settle(
  { items, answers }: Work,
  { first, ends }: { first: number; ends: readonly (string | undefined)[] },
): void {
  let revision = first;
  for (const [at, { index, marker }] of items.entries()) {
    if (marker) revision += 1;
    const expiresAt = ends[at];
    answers[index] = expiresAt === undefined ? { revision } : { revision, expiresAt };
    revision += 1;
  }
}

/** Whether a single item may be what was refused, and nothing was stored. */
function mayBeOne(error: PackError): boolean {
  const { code } = error;
  return !isStoreFault(error) && code !== 'TIMEOUT' && code !== 'UNAVAILABLE' && code !== 'BUCKET_NOT_FOUND';
}

function byKey(items: PreparedPut[]): PreparedPut[][] {
  const groups = new Map<string, PreparedPut[]>();
  for (const item of items) {
    const group = groups.get(item.message.key);
    if (group) group.push(item);
    else groups.set(item.message.key, [item]);
  }
  return [...groups.values()];
}

function neverTried(): PackError {
  return new PackError(
    'TIMEOUT',
    'Time ran out before the turn of this item; it was not written. Put it again.',
  );
}
