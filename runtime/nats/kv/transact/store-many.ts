import type { MsgHdrs, MsgHdrsImpl } from '@nats-io/transport-node';
import { headers as newHeaders, nuid } from '@nats-io/transport-node';
import { PackError } from '../../../../contract/errors.ts';
import type { Call } from '../../../core/call.ts';
import { areDistinct } from '../../../core/distinct-texts.ts';
import type { KvStore } from '../../../core/ports/kv-store.ts';
import type { BucketHandle, Handles } from '../bucket/handles.ts';
import { serverNow } from '../bucket/server-clock.ts';
import { aboutOf } from '../headers/about.ts';
import { ownEnd } from '../headers/ends.ts';
import { setWriteId, writeIdOf } from '../headers/marks.ts';
import type { StoredMessage } from '../read/stored-message.ts';
import { noteWitness } from '../read/witness.ts';
import type { Outgoing } from '../write/outgoing.ts';
import { outcomeUnknown, untilBack } from '../write/refusals.ts';
import type { SendFast } from './fast-batch.ts';
import type { PreparedPut, PutAnswer } from './prepared-puts.ts';
import { packError, preparePuts } from './prepared-puts.ts';
import type { ReadTogether } from './together.ts';

/** What many puts without revisions are made with. */
export interface StoreManyDependencies {
  handles: Handles;
  putMany: KvStore['putMany'];
  sendFast: SendFast;
  readTogether: ReadTogether;
  maxPayload(): number;
}

type Answers = (PackError | undefined)[];

/** Fewer are as fast in a commit; of more it could not be found out at once what is stored. */
const [MIN_PUTS, MAX_PUTS] = [64, 1_000];
const MAX_BYTES = 8 * 1024 * 1024;
/** After a refusal, keys that are to be new are expected to be there for so long. */
const REFUSED_MS = 2_000;
/** A clock may have been looked at so much too late. */
const LEEWAY_MS = 1_000;

/**
 * Makes the puts of many items of one connection whose revisions nobody asks for: in memory by fast batches, which the server
 * stores as they come. From the first item on that is refused, all others are put as {@link KvStore.putMany} puts them, which finds out
 * what is each one's answer. Where answers are lost, what is stored is told by the id that messages with headers carry, and by the value of others.
 */
export function createStoreMany(deps: StoreManyDependencies): KvStore['storeMany'] {
  const { handles, putMany, sendFast, readTogether } = deps;
  const refusedAt = new Map<string, number>();

  return async (call, bucket, puts) => {
    const handle = await handles.open(call, bucket);
    const answers: Answers = new Array(puts.length);
    if (!isFast(handle) || puts.length < MIN_PUTS) return (await putMany(call, bucket, puts)).map(asError);
    const items = preparePuts(call, handle, {
      puts,
      answers: answers as PutAnswer[],
      maxPayload: deps.maxPayload(),
    });
    const left = maySend(handle, items) ? await storeFast(call, handle, { items, answers }) : items;
    if (left.length === 0) return answers;
    const others = await putMany(
      call,
      bucket,
      left.map(({ put }) => put),
    );
    for (const [at, { index }] of left.entries()) answers[index] = asError(others[at]);
    if (others.some(isConflict)) refusedAt.set(bucket, Date.now());
    return answers;
  };

  /** Answers those that were not stored, and may be put again. */
  async function storeFast(
    call: Call,
    handle: BucketHandle,
    { items, answers }: Work,
  ): Promise<PreparedPut[]> {
    const id = nuid.next();
    const since = serverNow(handle);
    let left = items;
    try {
      const { stored, isOpen } = await sendFast(call, handle, toMessages(items, id));
      const last = items[stored - 1];
      if (last) noteWitness(handle, handle.readPrefix + last.message.key);
      left = items.slice(stored);
      return isOpen ? await findOut(call, handle, { items: left, answers, id, since }) : left;
    } catch (error) {
      for (const { index } of left) answers[index] = packError(error);
      return [];
    }
  }

  async function findOut(call: Call, handle: BucketHandle, { items, answers, id, since }: Sent) {
    const keys = items.map(({ message }) => message.key);
    const { bySubject } = await untilBack(call, () => readTogether(call, handle, keys)).catch(notToBeTold);
    return items.filter(item => {
      const found = bySubject.get(handle.readPrefix + item.message.key);
      if (found && writeIdOf(found) === id) return false;
      if (!found || found.time < since - LEEWAY_MS) return true;
      if (isSame(found, item)) return false;
      // Another has written it since, over ours or in its place.
      answers[item.index] = outcomeUnknown();
      return false;
    });
  }

  /** Whether they are in one batch: of a key that comes twice it could not be told which of both is stored. */
  function maySend({ bucket }: BucketHandle, items: readonly PreparedPut[]): boolean {
    let bytes = 0;
    let isNew = false;
    for (const { message, marker, put } of items) {
      if (marker) return false;
      bytes += message.value.length;
      isNew ||= put.expectedRevision !== undefined;
    }
    if (items.length < MIN_PUTS || items.length > MAX_PUTS || bytes > MAX_BYTES) return false;
    if (isNew && Date.now() < (refusedAt.get(bucket) ?? 0) + REFUSED_MS) return false;
    return areDistinct(items.map(({ message }) => message.key));
  }
}

interface Work {
  items: PreparedPut[];
  answers: Answers;
}

interface Sent extends Work {
  /** What each message of the batch with headers carries. */
  id: string;
  /** When it was begun, by the server's clock. */
  since: number;
}

/** Who may write and not read is not told that nothing was written. */
function notToBeTold(error: unknown): never {
  throw packError(error).code === 'FORBIDDEN' ? outcomeUnknown() : error;
}

/** On file the server would sync the disk for each message, in a commit once. */
function isFast({ origin, bucket, config }: BucketHandle): boolean {
  return origin.bucket === bucket && config.storage === 'memory' && config.allow_batched === true;
}

/** What would have no headers is sent without: the server takes it for a fifth less, and it is known by its value. */
function toMessages(items: readonly PreparedPut[], id: string): Outgoing[] {
  const expecting = new Map<number, MsgHdrs>();
  return items.map(({ message, put: { expectedRevision } }) => {
    const { key, value, headers: own } = message;
    if (own) return { key, value, headers: sentHeaders(own, id, expectedRevision) };
    if (expectedRevision === undefined) return message;
    const headers =
      expecting.get(expectedRevision) ?? encodedOnce(sentHeaders(newHeaders(), id, expectedRevision));
    expecting.set(expectedRevision, headers);
    return { key, value, headers };
  });
}

/** Whether a message stored since says all that one of the batch without headers does. */
function isSame(found: StoredMessage, { message, put }: PreparedPut): boolean {
  if (writeIdOf(found) !== '' || message.headers || put.expectedRevision !== undefined) return false;
  const isBare = ownEnd(found, 0) === undefined && Object.keys(aboutOf(found)).length === 0;
  return isBare && Buffer.compare(found.data, message.value) === 0;
}

function sentHeaders(headers: MsgHdrs, id: string, expectedRevision: number | undefined): MsgHdrs {
  setWriteId(headers, id);
  if (expectedRevision !== undefined)
    headers.set('Nats-Expected-Last-Subject-Sequence', String(expectedRevision));
  return headers;
}

/** The library makes the bytes of headers anew for each message, which is felt. */
function encodedOnce(headers: MsgHdrs): MsgHdrs {
  const bytes = (headers as MsgHdrsImpl).encode();
  return Object.assign(headers, { encode: () => bytes });
}

function asError(answer: PutAnswer | undefined): PackError | undefined {
  return answer instanceof PackError ? answer : undefined;
}

function isConflict(answer: PutAnswer): boolean {
  return answer instanceof PackError && answer.code === 'REVISION_CONFLICT';
}
