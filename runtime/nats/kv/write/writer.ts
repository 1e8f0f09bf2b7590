import { setTimeout as sleep } from 'node:timers/promises';
import type { Msg } from '@nats-io/transport-node';
import { headers as newHeaders, nuid } from '@nats-io/transport-node';
import { PackError } from '../../../../contract/errors.ts';
import type { Call } from '../../../core/call.ts';
import { isEntry } from '../../../core/ports/items.ts';
import { isAway, isUnanswered } from '../../request-errors.ts';
import type { Requests } from '../../requests.ts';
import { sendToLeader } from '../bucket/between-leaders.ts';
import type { BucketHandle, Handles } from '../bucket/handles.ts';
import { serverNow } from '../bucket/server-clock.ts';
import { whySilent } from '../bucket/store-fault.ts';
import { valueLimit, widen } from '../bucket/value-size.ts';
import { setWriteId, writeIdOf } from '../headers/marks.ts';
import { setPlain } from '../headers/names.ts';
import { readAtLeader } from '../read/leader-read.ts';
import type { Reader } from '../read/read.ts';
import { interpret, isoTime } from '../read/read.ts';
import type { SendBatch } from '../transact/batch.ts';
import type { Ack } from './acks.ts';
import { ackOf, isRefusal } from './acks.ts';
import type { Commit, Conditional, LastWritten, Outcome, Outgoing } from './outgoing.ts';
import { checkSize, outcomeUnknown, refused, refusedOver, tooLarge, untilBack } from './refusals.ts';
import { endMarker } from './ttl.ts';

/** Writes messages and tells what became of them. */
export interface Writer {
  /** Answers the revision. */
  store(call: Call, handle: BucketHandle, message: Outgoing): Promise<number>;
  /** Tries again over markers and lost answers until the outcome is known. */
  storeOn(call: Call, handle: BucketHandle, message: Conditional): Promise<Outcome>;
  /**
   * One try: the revision, or undefined when the key is at another revision than expected, which what was sent `again` may itself
   * have brought it to.
   */
  tryStore(call: Call, handle: BucketHandle, message: Conditional): Promise<number | undefined>;
  /** The key as the stream knows it that takes its writes: a mirror follows only after a while. */
  last(call: Call, handle: BucketHandle, key: string): Promise<LastWritten | undefined>;
}

/** What writing works with. */
export interface WriterDependencies {
  requests: Requests;
  handles: Handles;
  reader: Reader;
  sendBatch: SendBatch;
  maxPayload(): number;
}

/** JetStream's code for a message that is larger than its stream takes. */
const TOO_LARGE = 10054;
/** And for one whose message id it has, and that is not stored yet. */
const STILL_UNDER_WAY = 10158;
/** A message id is relied on until so long before the server forgets it. */
const LEEWAY_MS = 1_000;
/** How long a write that is under way is given to reach the replicas. */
const REPLICATION_MS = 5;
/** How long a former leader that is reached again may take to hear of the present one. */
const DEPOSED_MS = 2_000;

/** Makes the writer of one connection. */
export function createWriter(deps: WriterDependencies): Writer {
  const { requests, handles, reader } = deps;
  return { store, storeOn, tryStore, last };

  async function store(call: Call, handle: BucketHandle, message: Outgoing): Promise<number> {
    checkSize(handle, message.value, deps.maxPayload());
    const marker = endMarker(handle, message);
    const marked = marker && (await sendMarked(call, handle, { marker, message }));
    if (typeof marked === 'number') return marked;
    const ack = handle.clustered
      ? await sendUntilKnown(call, handle, message)
      : await send(call, handle, message);
    if (!ack.error) return ack.seq;
    throw refused(handle, ack.error, message.value.length);
  }

  /** Under an id by which the server tells that it has the message, so that an answer lost with a leader is asked for again. */
  async function sendUntilKnown(call: Call, handle: BucketHandle, message: Outgoing): Promise<Ack> {
    const rememberedMs = (handle.origin.config.duplicate_window ?? 0) / 1_000_000 - LEEWAY_MS;
    if (rememberedMs < LEEWAY_MS) return await send(call, handle, message);
    const within = { deadline: Math.min(call.deadline, Date.now() + rememberedMs) };
    const headers = message.headers ?? newHeaders();
    setPlain(headers, 'Nats-Msg-Id', nuid.next());
    let mayBeStored = false;
    const again = () => {
      mayBeStored = true;
    };
    for (;;) {
      try {
        const attempt = () => send(within, handle, { ...message, headers, again });
        const ack = await (mayBeStored ? untilBack(within, attempt) : attempt());
        if (ack.error?.err_code !== STILL_UNDER_WAY) return ack;
        await sleep(REPLICATION_MS);
      } catch (error) {
        const isOpen = isUnanswered(error) || (mayBeStored && isAway(error));
        if (!isOpen || Date.now() >= within.deadline) throw error;
        mayBeStored = true;
      }
    }
  }

  /**
   * Sending again after a lost answer is safe: if the first try was stored, the second one conflicts with it, and the
   * write id shows that the conflict is our own.
   */
  async function storeOn(call: Call, handle: BucketHandle, message: Conditional): Promise<Outcome> {
    checkSize(handle, message.value, deps.maxPayload());
    const commit = { id: nuid.next(), sent: 0 };
    const headers = message.headers ?? newHeaders();
    setWriteId(headers, commit.id);
    let expected = message.expected;
    const since = Date.now();
    let answerLost = false;
    const again = () => {
      answerLost = true;
    };
    let lostBefore = false;
    // Of several servers a former leader may refuse it over itself.
    const notStored = handle.clustered
      ? undefined
      : () => {
          answerLost = lostBefore;
        };
    let over: number | undefined;
    const noteOver = (at: number | undefined) => {
      over = at;
    };
    for (;;) {
      over = undefined;
      lostBefore = answerLost;
      const told = { again, notStored, refused: noteOver };
      try {
        const attempt = () => tryStore(call, handle, { ...message, ...told, headers, expected, commit });
        const stored = await (answerLost ? untilBack(call, attempt) : attempt());
        if (stored !== undefined) return { stored };
      } catch (error) {
        const isOpen = isUnanswered(error) || (answerLost && isAway(error));
        if (!isOpen || Date.now() >= call.deadline) throw error;
        answerLost = true;
        continue;
      }
      const look = async () => {
        const found = await last(call, handle, message.key);
        const own = found && (await ownWrite(call, handle, found, { commit, expected, answerLost }));
        return { found, own };
      };
      const { found, own } = await (answerLost ? untilBack(call, look) : look());
      if (own) return { stored: own };
      if (answerLost && found && found.seq !== expected) throw outcomeUnknown();
      const current = found?.seq ?? 0;
      const absent = message.expected === 0 && !found?.live;
      // Of several servers a former leader may have refused it over itself, and it was ended since.
      if (absent && handle.clustered && over !== undefined && current > over)
        return { conflict: found, isPast: true };
      if (!absent && current !== expected) {
        if (current > expected || !(await isBehind(call, handle, { expected, since })))
          return { conflict: found };
        await sleep(REPLICATION_MS);
        continue;
      }
      if (current === expected) {
        // Refused over the very revision that is there: the other write is on its way to the replicas still.
        if (Date.now() >= call.deadline) return { conflict: found };
        await sleep(REPLICATION_MS);
      }
      // A deleted or expired key does not exist, but the server compares with its marker's revision.
      if (absent) expected = current;
    }
  }

  async function tryStore(
    call: Call,
    handle: BucketHandle,
    message: Conditional,
  ): Promise<number | undefined> {
    const marker = endMarker(handle, message);
    const marked = marker && (await sendMarked(call, handle, { marker, message }));
    if (marked) return marked === 'refused' ? undefined : marked;
    const headers = message.headers ?? newHeaders();
    setPlain(headers, 'Nats-Expected-Last-Subject-Sequence', String(message.expected));
    const ack = await send(call, handle, { ...message, headers });
    if (!ack.error) return ack.seq;
    const error = refused(handle, ack.error, message.value.length);
    if (error.code !== 'REVISION_CONFLICT') throw error;
    message.refused?.(refusedOver(ack.error));
    return undefined;
  }

  async function last(call: Call, handle: BucketHandle, key: string): Promise<LastWritten | undefined> {
    const at = handle.origin;
    const message = await reader.last(call, at, at.readPrefix + key);
    if (!message) return undefined;
    const found = interpret(at, message, key);
    return { seq: message.seq, live: isEntry(found), at: found.createdAt, message };
  }

  /**
   * The revision our write got, where its answer was lost or may be a former leader's: others may have written since, history
   * may still show it, and then right after what it was written on.
   */
  async function ownWrite(call: Call, handle: BucketHandle, found: LastWritten, write: SentWrite) {
    if (writeIdOf(found.message) === write.commit.id) return found.seq;
    const { origin } = handle;
    const isOver = origin.config.max_msgs_per_subject === 1 || found.seq <= write.expected;
    if (isOver || !(write.answerLost || handle.clustered)) return undefined;
    const next = { seq: write.expected + 1, next_by_subj: found.message.subject };
    const message = await readAtLeader(call, origin, next);
    return message && writeIdOf(message) === write.commit.id ? message.seq : undefined;
  }

  /** What its end marker goes before, in one commit. */
  async function sendMarked(call: Call, handle: BucketHandle, { marker, message }: Marked) {
    const { key, value, headers, expected, commit } = message;
    const guard = expected === undefined ? undefined : { key, revision: expected };
    const messages = [
      { ...marker, guard },
      { key, value, headers },
    ];
    const outcome = await deps.sendBatch(call, handle, messages, commit);
    return outcome === 'refused' ? outcome : outcome.first + 1;
  }

  /** Not async: where very many writes are on their way, what each of them keeps is felt. */
  function send(call: Call, handle: BucketHandle, message: Sent): Promise<Ack> {
    return publish(call, handle, message).then(
      msg => ackOf(msg) ?? sendOn(call, handle, { message, first: msg }),
      error => throwNotSent(error, message),
    );
  }

  function publish(call: Call, handle: BucketHandle, message: Sent): Promise<Msg> {
    const { key, value, headers, again, notStored } = message;
    const refusal = notStored && { is: isRefusal, sure: notStored };
    const options = { headers, again, refusal, why: whySilent(handle) };
    return requests.ask(call, handle.writeSubject(key), value, options);
  }

  /** After an answer that is no acknowledgement: nobody leads the stream just now, or it has no room for the headers. */
  async function sendOn(
    call: Call,
    handle: BucketHandle,
    { message, first }: { message: Sent; first: Msg },
  ): Promise<Ack> {
    // What was sent before may have been sent again, and be stored yet.
    const again = () => publish(call, handle, { ...message, notStored: undefined });
    const answer = sendToLeader(call, { handles, handle, first }, again);
    const ack = (await answer.catch(error => throwNotSent(error, message))).json<Ack>();
    // The value fits, and its headers have no room.
    if (ack.error?.err_code !== TOO_LARGE || mayNotWiden(handle, message)) return ack;
    return (await widen(call, handle.origin)) ? await send(call, handle, message) : ack;
  }

  /** The client library throws before it sends what the server would not take. */
  function throwNotSent(error: unknown, { value }: Outgoing): never {
    throw error instanceof PackError ? error : tooLarge(value.length, deps.maxPayload());
  }
}

function mayNotWiden({ origin }: BucketHandle, { value }: Outgoing): boolean {
  return value.length > valueLimit(origin.config);
}

/** A message with the end marker that goes before it. */
interface Marked {
  marker: Outgoing;
  message: Outgoing & Partial<Conditional>;
}

/** With what is called each time that it is sent again, and where none of these is stored. */
type Sent = Outgoing & Pick<Conditional, 'again' | 'notStored'>;

/**
 * Whether who answered may know less than what was expected: for a moment after a cluster was parted, its former leader refuses
 * what the present one may have stored.
 */
async function isBehind(
  call: Call,
  { clustered, origin }: BucketHandle,
  { expected, since }: { expected: number; since: number },
): Promise<boolean> {
  if (!clustered || Date.now() > Math.min(since + DEPOSED_MS, call.deadline)) return false;
  return (await origin.api.streamInfo(call, origin.stream)).state.last_seq < expected;
}

interface SentWrite {
  commit: Commit;
  expected: number;
  answerLost: boolean;
}

/**
 * RFC 3339 of a moment so many nanoseconds from now, by the server's clock. Of what is told as the end of an item it is taken before the
 * item is sent: the server counts from when it stores it, so that the item never ends before it is told to.
 */
export function expiryFromNow(handle: BucketHandle, ttl: number): string {
  return isoTime(serverNow(handle) + ttl / 1_000_000);
}
