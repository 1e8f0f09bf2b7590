import { PackError } from '../../../../contract/errors.ts';
import type { Call } from '../../../core/call.ts';
import type { KvCommit, KvTransaction } from '../../../core/ports/transactions.ts';
import type { BucketHandle, Handles } from '../bucket/handles.ts';
import { hasHeaderRoom } from '../bucket/value-size.ts';
import type { Commit } from '../write/outgoing.ts';
import { checkSize } from '../write/refusals.ts';
import type { Writer } from '../write/writer.ts';
import { expiryFromNow } from '../write/writer.ts';
import type { BatchMessage, SendBatch } from './batch.ts';
import { newCommit, pause, unsupported } from './batch.ts';
import { brokenGuards, conflictOf } from './guards.ts';
import type { Plan } from './plan.ts';
import { guardsOf, planBatch } from './plan.ts';
import type { Guard, Guards, Resolved } from './plan-types.ts';
import { keysToRead, resolveChanges } from './resolve.ts';
import type { ReadTogether, Snapshot } from './together.ts';

/** What transactions work with. */
export interface TransactDependencies {
  handles: Handles;
  writer: Writer;
  sendBatch: SendBatch;
  readTogether: ReadTogether;
  maxPayload(): number;
}

const NOTHING_READ: Snapshot = { bySubject: new Map(), revision: 0 };

/** Makes the transactions of one connection. */
export function createTransact(
  deps: TransactDependencies,
): (call: Call, asked: KvTransaction) => Promise<KvCommit> {
  const { handles, writer, sendBatch, readTogether } = deps;

  return async (call, asked) => {
    const handle = await handles.open(call, asked.bucket);
    const keys = asked.operations.map(({ key }, index) =>
      handle.codec.encode(key, `/operations/${index}/key`),
    );
    const hard = guardsOf(handle, asked, keys);
    const commit = newCommit();
    for (let tries = 0; ; tries++) {
      const { operations, guards } = await resolved(call, handle, { asked, hard });
      const plan = planBatch(handle, operations, { keys, guards, by: call.by });
      const ends = endsOf(handle, operations);
      const first = await storePlan(call, handle, plan, {
        commit,
        hard,
        isWorkedOut: guards.size > hard.size,
      });
      if (first !== 'refused') {
        const revisionOf = (index: number) => first + (plan.positions[index] ?? 0);
        return {
          results: operations.map((each, index) => ({
            revision: each.op === 'unchanged' ? each.revision : revisionOf(index),
            ...ends[index],
          })),
        };
      }
      if (hard.size > 0) checkGuards(handle, hard, await read(call, handle, [...hard.keys()]));
      // All is as it was expected: another's write was on its way, a change is to be worked out again, or a key is
      // deleted whose marker the server counts.
      if (Date.now() >= call.deadline) throw neverAlone(asked.bucket);
      await pause(tries);
    }
  };

  /** Where something is to be read, what the caller expects is looked at too: all of it stood at one revision. */
  async function resolved(
    call: Call,
    handle: BucketHandle,
    { asked, hard }: { asked: KvTransaction; hard: Guards },
  ): Promise<{ operations: Resolved[]; guards: Guards }> {
    const toRead = keysToRead(handle, asked.operations);
    const blind = toRead.length === 0 && asked.operations.length > 0;
    const snapshot = await read(call, handle, blind ? [] : [...new Set([...toRead, ...hard.keys()])]);
    if (!blind) checkGuards(handle, hard, snapshot);
    const soft: Guards = new Map();
    const operations = resolveChanges(handle, asked.operations, { snapshot, soft });
    return { operations, guards: soft.size === 0 ? hard : new Map([...soft, ...hard]) };
  }

  /** One key is asked of the leader, which has its last write; that works for a mirror's origin too. */
  async function read(call: Call, handle: BucketHandle, keys: string[]): Promise<Snapshot> {
    const [key] = keys;
    if (key === undefined) return NOTHING_READ;
    if (keys.length > 1) {
      if (handle.origin.bucket !== handle.bucket) throw unsupported(handle);
      return await readTogether(call, handle, keys);
    }
    const found = await writer.last(call, handle, key);
    const bySubject = new Map(found && [[handle.readPrefix + key, found.message]]);
    return { bySubject, revision: found?.seq ?? 0 };
  }

  /** Revision of the first message. */
  async function storePlan(
    call: Call,
    handle: BucketHandle,
    plan: Plan,
    { commit, hard, isWorkedOut }: { commit: Commit; hard: Guards; isWorkedOut: boolean },
  ): Promise<number | 'refused'> {
    if (plan.messages.length === 0) return 0;
    for (const { value } of plan.messages) checkSize(handle, value, deps.maxPayload());
    const single = onlyMessage(plan);
    const canCommit = handle.origin.bucket === handle.bucket && handle.config.allow_atomic === true;
    // What is worked out anew after a former leader's refusal is not to be made twice.
    const isOnce = isWorkedOut && handle.clustered && canCommit && hasHeaderRoom(handle.config);
    if (single && !isOnce)
      return await storeAlone(call, handle, { message: single, guard: hard.get(single.key) });
    if (!canCommit) throw unsupported(handle);
    const outcome = await sendBatch(call, handle, plan.messages, commit);
    return outcome === 'refused' ? outcome : outcome.first;
  }

  /**
   * One message needs no commit of several, which costs more. What the caller expects is judged by the look that told of the conflict:
   * a later one may find it as expected again, where it was this very write that a former leader refused and that others have ended.
   */
  async function storeAlone(
    call: Call,
    handle: BucketHandle,
    { message, guard }: { message: BatchMessage; guard: Guard | undefined },
  ): Promise<number | 'refused'> {
    if (!message.guard) return await writer.store(call, handle, message);
    const expected = guard?.expected ?? message.guard.revision;
    const outcome = await writer.storeOn(call, handle, { ...message, expected });
    if ('stored' in outcome) return outcome.stored;
    const { conflict: at, isPast } = outcome;
    const isBroken = guard && (at?.live ? at.seq !== expected : expected !== 0);
    if (!isPast && !isBroken) return 'refused';
    const key = handle.codec.decode(message.key);
    throw conflictOf(handle.bucket, [{ key, expected, at }]);
  }
}

function checkGuards(handle: BucketHandle, guards: Guards, snapshot: Snapshot): void {
  const [first, ...more] = brokenGuards(handle, guards, snapshot).values();
  if (first) throw conflictOf(handle.bucket, [first, ...more]);
}

type End = Pick<KvCommit['results'][number], 'expiresAt'>;

const NO_END: End = {};

/** When what operations write ends, as it is told; taken before they are sent. */
function endsOf(handle: BucketHandle, operations: readonly Resolved[]): End[] {
  const byTtl = new Map<number, End>();
  return operations.map(operation => {
    if (operation.op === 'changed') return operation.expiresAt ? { expiresAt: operation.expiresAt } : NO_END;
    const ttl = operation.op === 'put' ? operation.ttl : undefined;
    if (ttl === undefined) return NO_END;
    const end = byTtl.get(ttl) ?? { expiresAt: expiryFromNow(handle, ttl) };
    byTtl.set(ttl, end);
    return end;
  });
}

function onlyMessage({ messages }: Plan): BatchMessage | undefined {
  const [message] = messages;
  const alone = messages.length === 1 && (!message?.guard || message.guard.key === message.key);
  return alone ? message : undefined;
}

function neverAlone(bucket: string): PackError {
  return new PackError(
    'UNAVAILABLE',
    `Others wrote the same keys of bucket "${bucket}" all the time; nothing was written. Try again.`,
  );
}
