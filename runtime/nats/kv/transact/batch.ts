import { setTimeout as sleep } from 'node:timers/promises';
import type { Msg, MsgHdrs } from '@nats-io/transport-node';
import { nuid } from '@nats-io/transport-node';
import { invalidField, PackError } from '../../../../contract/errors.ts';
import type { Call } from '../../../core/call.ts';
import { firstWithin } from '../../beside.ts';
import type { ApiError } from '../../errors.ts';
import { isStoreFault } from '../../errors.ts';
import { ELECTION_MS, isNoResponders } from '../../js-api.ts';
import { isConnectionLost } from '../../request-errors.ts';
import type { Requests } from '../../requests.ts';
import { ASK_AGAIN_MS, ASK_SOON_MS } from '../../silence.ts';
import type { BucketHandle, Handles } from '../bucket/handles.ts';
import { pauseWithOthers } from '../bucket/pause-with-others.ts';
import { whySilent } from '../bucket/store-fault.ts';
import { whyNobodyAnswers } from '../bucket/why-nobody-answers.ts';
import { headerLines, toSend } from '../headers/names.ts';
import type { StoredMessage } from '../read/stored-message.ts';
import type { Commit } from '../write/outgoing.ts';
import { outcomeUnknown, refused, untilBack } from '../write/refusals.ts';

/** A message of a batch. */
export interface BatchMessage {
  /** Encoded. */
  key: string;
  value: Uint8Array;
  headers?: MsgHdrs | undefined;
  /** The batch is stored only if this key (encoded) is at this revision of the stream; 0: nothing is stored under it. */
  guard?: { key: string; revision: number } | undefined;
}

/** Revision of a batch's first message, the others follow without a gap; or that a guard did not hold. */
export type BatchOutcome = { first: number } | 'refused';

/** Stores messages of one bucket together or not at all, and finds out which of both it was; without a commit as one of its own. */
export type SendBatch = (
  call: Call,
  handle: BucketHandle,
  messages: readonly BatchMessage[],
  commit?: Commit,
) => Promise<BatchOutcome>;

/** What batches are sent with. */
export interface BatchDependencies {
  requests: Requests;
  handles: Handles;
  /** The last messages of keys (encoded), no earlier than the call; values beyond so many bytes are let go. */
  readTogether(
    call: Call,
    handle: BucketHandle,
    keys: readonly string[],
    options: { bytes: number },
  ): Promise<{ bySubject: ReadonlyMap<string, StoredMessage> }>;
}

interface Ack {
  seq: number;
  error?: ApiError;
}

/** JetStream's codes (nats-server, server/errors.json) for what can happen to a batch. */
const CODE = {
  wrongRevision: 10071,
  wrongRevisionReplicated: 10164,
  stillUnderWay: 10158,
  disabled: 10174,
  incomplete: 10176,
  tooMany: 10199,
  duplicate: 10201,
  tooManyOpen: 10210,
};

/** A batch of more takes a server longer. */
const MANY = 100;
const LONGEST_PAUSE_MS = 100;

/**
 * Makes the sender of one connection (ADR-50). The first message carries an id that the server remembers: sent again
 * after a lost answer, a batch that had been stored is refused as a duplicate, so that it is never stored twice and its
 * outcome is known.
 */
export function createSendBatch({ requests, handles, readTogether }: BatchDependencies): SendBatch {
  return async (call, handle, messages, commit = newCommit()) => {
    const { id } = commit;
    let answerLost = false;
    let everyAnswer = false;
    const since = Date.now();
    const underWay = new Set<Promise<Ack | 'lost' | 'nobody'>>();
    for (let tries = 0; ; tries++) {
      underWay.add(leaving(underWay, attempt(commit.sent++)));
      // Whichever of those sent so far is answered first: they are one commit.
      const ack = (await firstWithin(patienceMs(messages.length, tries), underWay)) ?? 'lost';
      if (ack === 'lost') {
        answerLost = true;
        if (Date.now() >= call.deadline) throw outcomeUnknown();
        continue;
      }
      if (ack !== 'nobody' && !ack.error) return { first: ack.seq - messages.length + 1 };
      const code = ack === 'nobody' ? undefined : ack.error?.err_code;
      if (code === CODE.wrongRevision || code === CODE.wrongRevisionReplicated) {
        // For a moment after a cluster was parted, its former leader refuses what the present one has stored.
        const first = handle.clustered ? await ownAt(call, handle, { id, messages }) : undefined;
        return first === undefined ? 'refused' : { first };
      }
      if (code === CODE.duplicate) return { first: await storedAt(call, handle, { id, messages }) };
      if (code !== undefined && !mayPass(code)) throw fault(handle, ack as Ack);
      // Some message between the first and the last was not taken: this time each is answered, to say why.
      everyAnswer = code === CODE.incomplete;
      const until = Math.min(call.deadline, since + ELECTION_MS);
      if (Date.now() >= until) {
        if (answerLost) throw outcomeUnknown();
        throw ack === 'nobody'
          ? (await whyNobodyAnswers(handles, handle, call)).error
          : givenUp(handle, code);
      }
      await (ack === 'nobody' ? pauseWithOthers(pauseMs(tries), until) : pause(tries));
    }

    async function attempt(sent: number): Promise<Ack | 'lost' | 'nobody'> {
      const { deadline } = call;
      try {
        const row = toRow(handle, messages, { id, sent });
        const msg = everyAnswer
          ? await askEach({ deadline }, row)
          : await requests.askInRow({ deadline }, row, whySilent(handle));
        return isNoResponders(msg) ? 'nobody' : msg.json<Ack>();
      } catch (error) {
        if (!(error instanceof PackError)) throw error;
        if (isConnectionLost(error) || error.code === 'TIMEOUT') return 'lost';
        const isAway = error.code === 'UNAVAILABLE' && !isStoreFault(error);
        throw answerLost && isAway ? outcomeUnknown() : error;
      }
    }
  };

  /** The first answer that is an error, or the last one. */
  async function askEach(call: Call, row: ReturnType<typeof toRow>): Promise<Msg> {
    const answers = await Promise.all(
      row.map(({ subject, payload, headers }) => requests.ask(call, subject, payload, { headers })),
    );
    const said = answers.find(msg => msg.data.length > 0 || isNoResponders(msg));
    return said ?? (answers.at(-1) as Msg);
  }

  /** Where the batch is stored, as far as its keys say: asked until it is answered, for what is stored was not refused. */
  function ownAt(call: Call, handle: BucketHandle, batch: SentBatch): Promise<number | undefined> {
    return untilBack(call, () => find(call, handle, batch));
  }

  /** The server says only that it has the batch. */
  async function storedAt(call: Call, handle: BucketHandle, batch: SentBatch): Promise<number> {
    const first = await find(call, handle, batch).catch(() => 'unread' as const);
    if (typeof first === 'number') return first;
    const why = first ? 'its keys could not be read' : 'all its keys have been written again since';
    throw new PackError(
      'TIMEOUT',
      `It was stored, but the answer was lost and ${why}, so that its revisions are not known. Read the keys; do not write it again.`,
      { retryable: false, details: { stored: true } },
    );
  }

  /** Each message still stored says which batch it was and its place in it. A replica may not have it yet. */
  async function find(call: Call, handle: BucketHandle, { id, messages }: SentBatch) {
    const keys = messages.map(({ key }) => key);
    const { bySubject } = await readTogether(call, { ...handle, ...handle.origin }, keys, { bytes: 0 });
    for (const message of bySubject.values()) {
      const first = firstOfOwn(id, message);
      if (first !== undefined) return first;
    }
    return undefined;
  }
}

/** Revision of a batch's first message, if this is one of its messages. */
function firstOfOwn(id: string, message: StoredMessage): number | undefined {
  if (!message.headers?.get('Nats-Batch-Id').startsWith(`${id}.`)) return undefined;
  return message.seq - Number(message.headers.get('Nats-Batch-Sequence')) + 1;
}

/** Names one. */
export function newCommit(): Commit {
  return { id: nuid.next(), sent: 0 };
}

/** Takes an attempt out of those that are waited for once it has ended. */
function leaving<T>(underWay: Set<Promise<T>>, attempt: Promise<T>): Promise<T> {
  const leave = () => underWay.delete(attempt);
  attempt.then(leave, leave);
  return attempt;
}

interface SentBatch {
  id: string;
  messages: readonly BatchMessage[];
}

function toRow(
  handle: BucketHandle,
  messages: readonly BatchMessage[],
  { id, sent }: { id: string; sent: number },
) {
  const last = messages.length - 1;
  const said = rememberingLast(headerLines);
  return messages.map(({ key, value, headers: own, guard }, index) => {
    // One of its own for each try: part of the one before may be waiting at the server still.
    let lines = `Nats-Batch-Id: ${id}.${sent}\r\nNats-Batch-Sequence: ${index + 1}\r\n`;
    if (index === 0) lines += `Nats-Msg-Id: ${id}\r\n`;
    if (index === last) lines += 'Nats-Batch-Commit: 1\r\n';
    if (guard) {
      lines += `Nats-Expected-Last-Subject-Sequence: ${guard.revision}\r\n`;
      if (guard.key !== key)
        lines += `Nats-Expected-Last-Subject-Sequence-Subject: ${handle.origin.readPrefix}${guard.key}\r\n`;
    }
    return { subject: handle.writeSubject(key), payload: value, headers: toSend(said(own) + lines) };
  });
}

/** The same as `make`, for what mostly comes several times in a row. */
function rememberingLast<From, To>(make: (from: From) => To): (from: From) => To {
  let last: { from: From; to: To } | undefined;
  return from => {
    if (!last || last.from !== from) last = { from, to: make(from) };
    return last.to;
  };
}

/** Whether the same batch may be taken when it is sent again. */
function mayPass(code: number): boolean {
  return code === CODE.stillUnderWay || code === CODE.incomplete || code === CODE.tooManyOpen;
}

function fault(handle: BucketHandle, { error }: Ack): PackError {
  if (error?.err_code === CODE.disabled) return unsupported(handle);
  if (error?.err_code === CODE.tooMany) {
    const most = error.description.match(/\d+/)?.[0] ?? '1000';
    return invalidField(
      '/operations',
      `the NATS server takes at most ${most} writes in one commit; make fewer operations, or raise max_msgs of its batch limits`,
    );
  }
  return refused(handle, error as ApiError, 0);
}

/** UNSUPPORTED: what the bucket is without, and how it gets it. */
export function unsupported({ bucket, origin }: BucketHandle): PackError {
  const way =
    origin.bucket === bucket
      ? `turn them on with kv-bucket-update {"bucket": "${bucket}", "transactions": true}; nats-server 2.12 or newer is needed`
      : `it is a mirror; write to and read from bucket "${origin.bucket}"`;
  return new PackError('UNSUPPORTED', `Bucket "${bucket}" has no transactions over several keys: ${way}.`, {
    details: { needs: origin.bucket === bucket ? 'transactions' : `bucket ${origin.bucket}` },
  });
}

function givenUp(handle: BucketHandle, code: number | undefined): PackError {
  if (code === CODE.tooManyOpen) {
    return new PackError(
      'RATE_LIMITED',
      `Too many commits are under way in bucket "${handle.bucket}" at once; nothing was written. Try again a little later.`,
    );
  }
  return new PackError(
    'UNAVAILABLE',
    `NATS did not take the commit to bucket "${handle.bucket}" as a whole, so nothing was written. Try again.`,
  );
}

/** Random, so that callers that met do not meet again. */
export function pause(tries: number): Promise<void> {
  return sleep(pauseMs(tries));
}

/** A leader that died answers nothing; one that is busy is asked again without harm, under the same message id, and then given longer. */
function patienceMs(messages: number, tries: number): number {
  const first = messages > MANY ? ASK_AGAIN_MS : ASK_SOON_MS;
  return tries === 0 ? first : first * 2;
}

function pauseMs(tries: number): number {
  return Math.random() * Math.min(LONGEST_PAUSE_MS, 2 ** (tries + 1));
}
