import type { Msg } from '@nats-io/transport-node';
import { PackError } from '../../../../contract/errors.ts';
import type { Call } from '../../../core/call.ts';
import { answerBytesOf } from '../../../core/call.ts';
import type { Requests } from '../../requests.ts';
import { sendToLeader } from '../bucket/between-leaders.ts';
import { isMirrored } from '../bucket/copies.ts';
import type { BucketHandle, Handles } from '../bucket/handles.ts';
import { readAtLeader } from './leader-read.ts';
import type { StoredMessage } from './stored-message.ts';
import { fromDirect } from './stored-message.ts';
import { isCut, unreadable } from './unreadable.ts';
import { noteWitness, witnessOf } from './witness.ts';

/** Many messages by one request (ADR-31, nats-server 2.11). */
export interface BatchReader {
  /** Messages from `seq` on that match, in order; fewer than `batch` when they end or grow past some megabytes. */
  next(
    call: Call,
    handle: BucketHandle,
    from: { seq: number; pattern: string; batch: number },
  ): Promise<Batch>;
  /** The last message of each subject that has one, markers included. Any number of subjects. */
  last(call: Call, handle: BucketHandle, subjects: string[]): Promise<StoredMessage[]>;
  /** The same, until the values have so many bytes; a request that ends beyond them is the last. */
  lastWithin(call: Call, handle: BucketHandle, subjects: string[], bytes: number): Promise<LastWithin>;
}

/** Last messages, and the subjects that there is no word of. */
export interface LastWithin {
  messages: StoredMessage[];
  /** Not asked for any more. */
  leftOut: string[];
  /** There is a record, and the server cannot read it. */
  unreadable: string[];
}

/** Messages, and whether the stream ends with them. */
export interface Batch {
  messages: StoredMessage[];
  end: boolean;
}

/** The server takes at most this many subjects in one request. */
const MAX_SUBJECTS = 1_000;
/** Asked one by one at once. */
const AT_LEADER = 100;

/** Bytes of a request beside its subjects, one that is asked for besides among them. */
const ROOM = 4_096;

/** Makes the batch reader of one connection. `maxPayload`: bytes of the largest message, 0: not known. */
export function createBatchReader(
  requests: Requests,
  handles: Handles,
  maxPayload: () => number,
): BatchReader {
  return { next, last, lastWithin };

  async function next(
    call: Call,
    handle: BucketHandle,
    from: { seq: number; pattern: string; batch: number },
  ) {
    if (!mayBeDirect(handle)) return await nextOneByOne(call, handle, from);
    const request = {
      seq: from.seq,
      next_by_subj: from.pattern,
      batch: from.batch,
      max_bytes: answerBytesOf(call),
    };
    const { messages, pending, cut, isNamed } = await read(call, handle, request);
    if (cut || isOfUnknown(handle, { isNamed })) return await nextOneByOne(call, handle, from);
    return { messages, end: pending === 0 };
  }

  async function last(call: Call, handle: BucketHandle, subjects: string[]): Promise<StoredMessage[]> {
    return (await lastWithin(call, handle, subjects, Number.POSITIVE_INFINITY)).messages;
  }

  async function lastWithin(call: Call, handle: BucketHandle, subjects: string[], bytes: number) {
    const within: LastWithin = { messages: [], leftOut: [], unreadable: [] };
    let left = bytes;
    const take = (messages: StoredMessage[]) => {
      for (const message of messages) {
        within.messages.push(message);
        left -= message.data.length;
      }
    };
    let rest = subjects;
    while (rest.length > 0 && left > 0) {
      const asked = mayBeDirect(handle) ? firstOf(rest, maxPayload() - ROOM) : rest.slice(0, AT_LEADER);
      const answer = mayBeDirect(handle) ? await readLast(call, handle, asked) : undefined;
      if (answer && !isOfUnknown(handle, answer) && !answer.cut) {
        take(answer.messages);
        rest = answer.pending > 0 ? without(rest, answer.messages) : rest.slice(asked.length);
        continue;
      }
      take(answer?.cut ? answer.messages : []);
      const silent = answer?.cut ? without(asked, answer.messages) : asked;
      const slowly = silent.slice(0, AT_LEADER);
      take(await lastOneByOne(call, handle, slowly));
      if (answer?.cut)
        within.unreadable.push(...(await unreadable(call, handle, without(slowly, within.messages))));
      const done = new Set([
        ...slowly,
        ...(answer?.cut ? answer.messages.map(({ subject }) => subject) : []),
      ]);
      rest = rest.filter(subject => !done.has(subject));
    }
    within.leftOut = rest;
    return within;
  }

  /**
   * Where nothing is there, it is asked once more together with what is there for certain, so that the answer says whose it is:
   * with what was there lately, and where that is gone with what the leader says was written last.
   */
  async function readLast(call: Call, handle: BucketHandle, subjects: string[]): Promise<Answer> {
    const answer = await readLastOf(call, handle, subjects);
    const last = answer.messages.at(-1);
    if (last) noteWitness(handle, last.subject);
    if (last || answer.cut || isMirrored(handle)) return answer;
    const witness = witnessOf(handle);
    const again = witness === undefined ? answer : await readBeside(call, handle, { subjects, witness });
    if (again.isNamed || again.cut) return again;
    const any = await readAtLeader(call, handle, { last_by_subj: `${handle.readPrefix}>` });
    // Nothing at all; unless what was written last is a record that the server cannot read, of which it says the same.
    if (!any) return { ...answer, isNamed: await hasNothing(call, handle) };
    noteWitness(handle, any.subject);
    return await readBeside(call, handle, { subjects, witness: any.subject });
  }

  async function readBeside(
    call: Call,
    handle: BucketHandle,
    { subjects, witness }: { subjects: string[]; witness: string },
  ): Promise<Answer> {
    const answer = await readLastOf(call, handle, [...new Set([...subjects, witness])]);
    const asked = new Set(subjects);
    return { ...answer, messages: answer.messages.filter(({ subject }) => asked.has(subject)) };
  }

  function readLastOf(call: Call, handle: BucketHandle, subjects: string[]): Promise<Answer> {
    return read(call, handle, {
      multi_last: subjects,
      batch: subjects.length,
      max_bytes: answerBytesOf(call),
    });
  }

  /** Collects one answer: messages, then an empty one that ends the batch. */
  async function read(call: Call, handle: BucketHandle, request: object): Promise<Answer> {
    let messages: StoredMessage[] = [];
    const subject = `${handle.api.prefix}.DIRECT.GET.${handle.stream}`;
    const last = await sendToLeader(call, { handles, handle }, async () => {
      let end: Msg | undefined;
      await requests.collect(call, subject, JSON.stringify(request), () => {
        messages = [];
        return msg => {
          const isStatus = msg.data.length === 0 && (msg.headers?.code ?? 0) > 0;
          const message = isStatus ? undefined : fromDirect(handle, msg);
          if (message) messages.push(message);
          else end = msg;
          return message === undefined;
        };
      });
      return end as unknown as Msg;
    });
    const status = last.headers?.code ?? 0;
    if (status !== 204 && status !== 404)
      throw new PackError('INTERNAL', `Reading bucket "${handle.bucket}" failed.`, { cause: status });
    return {
      messages,
      pending: Number(last.headers?.get('Nats-Num-Pending') || 0),
      cut: isCut(last.headers),
      isNamed: messages.length > 0,
    };
  }
}

function mayBeDirect(handle: BucketHandle): boolean {
  return handle.config.allow_direct === true && !isMirrored(handle);
}

/** A mirror answered; or somebody who has nothing, which does not say who it was. */
function isOfUnknown(handle: BucketHandle, { isNamed }: Pick<Answer, 'isNamed'>): boolean {
  return !isNamed || isMirrored(handle);
}

async function hasNothing(call: Call, { api, stream }: BucketHandle): Promise<boolean> {
  const { state } = await api.streamInfo(call, stream);
  return state.messages === 0;
}

interface Answer {
  messages: StoredMessage[];
  pending: number;
  /** By a record that the server cannot read: what follows it was not answered. */
  cut: boolean;
  /** It has a message, which says whose answer it is. */
  isNamed: boolean;
}

/** Buckets of old clients have no direct get, and mirrored ones none to rely on. They are rare, so slow is good enough. */
async function nextOneByOne(
  call: Call,
  handle: BucketHandle,
  from: { seq: number; pattern: string; batch: number },
): Promise<Batch> {
  const pattern = from.pattern === '>' ? `${handle.readPrefix}>` : from.pattern;
  const messages: StoredMessage[] = [];
  let bytes = 0;
  for (let seq = from.seq; messages.length < from.batch && bytes < answerBytesOf(call); ) {
    const message = await readAtLeader(call, handle, { seq, next_by_subj: pattern });
    if (!message) return { messages, end: true };
    messages.push(message);
    bytes += message.data.length;
    seq = message.seq + 1;
  }
  return { messages, end: false };
}

async function lastOneByOne(call: Call, handle: BucketHandle, subjects: string[]): Promise<StoredMessage[]> {
  const asked = subjects.map(subject => readAtLeader(call, handle, { last_by_subj: subject }));
  return (await Promise.all(asked)).filter(message => message !== undefined);
}

/** Those that one request has room for, the first of them in any case. */
function firstOf(subjects: string[], bytes: number): string[] {
  let room = bytes > 0 ? bytes : Number.POSITIVE_INFINITY;
  const first = subjects.slice(0, MAX_SUBJECTS);
  const end = first.findIndex(subject => {
    room -= subject.length + '"",'.length;
    return room < 0;
  });
  return end < 0 ? first : first.slice(0, Math.max(1, end));
}

/** A large answer was cut: what is still to be asked for. Subjects without any message end the loop by `pending`. */
function without(subjects: string[], messages: StoredMessage[]): string[] {
  const done = new Set(messages.map(message => message.subject));
  return subjects.filter(subject => !done.has(subject));
}
