import { PackError } from '../../../../contract/errors.ts';
import type { Call } from '../../../core/define-function.ts';
import type { KvCommit, KvTransaction } from '../../../core/ports.ts';
import { isEntry } from '../../../core/ports.ts';
import type { BucketHandle, Handles } from '../bucket/handles.ts';
import { interpret, isoTime } from '../read/read.ts';
import { checkSize, revisionConflict } from '../write/refusals.ts';
import type { LastWritten, Writer } from '../write/writer.ts';
import { expiryFromNow } from '../write/writer.ts';
import type { BatchMessage, SendBatch } from './batch.ts';
import { pause, unsupported } from './batch.ts';
import type { Guards, Plan } from './plan.ts';
import { guardsOf, planBatch } from './plan.ts';
import type { ReadTogether } from './together.ts';

/** What transactions work with. */
export interface TransactDependencies {
  handles: Handles;
  writer: Writer;
  sendBatch: SendBatch;
  readTogether: ReadTogether;
  maxPayload(): number;
}

/** A key that is not as it was expected. `at` is where it is. */
interface Broken {
  key: string;
  expected: number;
  at: LastWritten | undefined;
}

/** Makes the transactions of one connection. */
export function createTransact(
  deps: TransactDependencies,
): (call: Call, asked: KvTransaction) => Promise<KvCommit> {
  const { handles, writer, sendBatch, readTogether } = deps;

  return async (call, asked) => {
    const handle = await handles.open(call, asked.bucket);
    const guards = guardsOf(handle, asked);
    if (asked.operations.length === 0) {
      const broken = await brokenGuards(call, handle, guards);
      if (broken.length > 0) throw conflict(asked.bucket, broken);
      return { results: [] };
    }
    const revisions = await store(call, handle, asked, guards);
    return {
      results: asked.operations.map((operation, index) => ({
        revision: revisions[index] ?? 0,
        ...(operation.op === 'put' &&
          operation.ttl !== undefined && { expiresAt: expiryFromNow(handle, operation.ttl) }),
      })),
    };
  };

  async function store(
    call: Call,
    handle: BucketHandle,
    asked: KvTransaction,
    guards: Guards,
  ): Promise<number[]> {
    for (let tries = 0; ; tries++) {
      const plan = planBatch(handle, asked.operations, guards);
      for (const { value } of plan.messages) checkSize(handle, value, deps.maxPayload());
      const single = onlyMessage(plan);
      if (single) return [await storeAlone(call, handle, { message: single, asked })];
      if (handle.origin.bucket !== handle.bucket || !handle.config.allow_atomic) throw unsupported(handle);
      const outcome = await sendBatch(call, handle, plan.messages);
      if (outcome !== 'refused') return plan.positions.map(at => outcome.first + at);
      const broken = await brokenGuards(call, handle, guards);
      if (broken.length > 0) throw conflict(asked.bucket, broken);
      // All is as it was expected: another's write was on its way, or a key is deleted whose marker the server counts.
      if (Date.now() >= call.deadline) throw neverAlone(asked.bucket);
      await pause(tries);
    }
  }

  /** One message needs no commit of several, which costs more. */
  async function storeAlone(
    call: Call,
    handle: BucketHandle,
    { message, asked }: { message: BatchMessage; asked: KvTransaction },
  ): Promise<number> {
    if (!message.guard) return await writer.store(call, handle, message);
    const expected = message.guard.revision;
    const outcome = await writer.storeOn(call, handle, { ...message, expected });
    if ('stored' in outcome) return outcome.stored;
    const key = asked.operations[0]?.key ?? '';
    throw conflict(asked.bucket, [{ key, expected, at: outcome.conflict }]);
  }

  /** Guards that do not hold. What the server compares with is noted in those that do. */
  async function brokenGuards(call: Call, handle: BucketHandle, guards: Guards): Promise<Broken[]> {
    if (handle.origin.bucket !== handle.bucket) throw unsupported(handle);
    if (guards.size === 0) return [];
    const { bySubject } = await readTogether(call, handle, [...guards.keys()]);
    const broken: Broken[] = [];
    for (const [encoded, guard] of guards) {
      const message = bySubject.get(handle.readPrefix + encoded);
      const found = message && interpret(handle, message, guard.key);
      const live = isEntry(found);
      guard.sent = message?.seq ?? 0;
      if (guard.expected === (message?.seq ?? 0) || (guard.expected === 0 && !live)) continue;
      const at = message && {
        seq: message.seq,
        live,
        at: found?.createdAt ?? isoTime(message.time),
        message,
      };
      broken.push({ key: guard.key, expected: guard.expected, at });
    }
    return broken;
  }
}

function onlyMessage({ messages }: Plan): BatchMessage | undefined {
  const [message] = messages;
  const alone = messages.length === 1 && (!message?.guard || message.guard.key === message.key);
  return alone ? message : undefined;
}

function conflict(bucket: string, broken: Broken[]): PackError {
  const [first] = broken;
  if (!first) throw new Error('a conflict of nothing');
  const one = revisionConflict({ ...first, bucket }, first.at);
  const conflicts = broken.map(({ key, expected, at }) => ({
    key,
    expected_revision: expected,
    current_revision: at?.live ? at.seq : 0,
  }));
  const more = broken.length > 1 ? ` So it is with ${broken.length - 1} more; details name them all.` : '';
  return new PackError('REVISION_CONFLICT', `${one.message}${more} Nothing was written.`, {
    details: { ...one.details, conflicts },
  });
}

function neverAlone(bucket: string): PackError {
  return new PackError(
    'UNAVAILABLE',
    `Others wrote the same keys of bucket "${bucket}" all the time; nothing was written. Try again.`,
  );
}
