import { PackError } from '../../../../contract/errors.ts';
import type { Call } from '../../../core/call.ts';
import { denied } from '../../request-errors.ts';
import type { Requests } from '../../requests.ts';
import type { BucketHandle } from '../bucket/handles.ts';
import type { StoredMessage } from '../read/stored-message.ts';
import { consumerMessages } from '../read/stored-message.ts';
import type { ConsumerStart } from './consumers.ts';
import { createConsumer } from './consumers.ts';
import { withRoom } from './room-for-consumers.ts';

/**
 * A pull consumer of a bucket's stream (ADR-13): messages in order, delivered only as far as they are asked for. Listings
 * and watches read through it alike. No message that was delivered is dropped, whichever pull it belongs to.
 */
export interface PullConsumer {
  /**
   * The next messages, at most `most`. Answers when it has them, when the stream has no more, or at `until`, an instant
   * in milliseconds; with `wait` as soon as there is one. Throws UNAVAILABLE when the consumer is gone or the connection lost.
   */
  pull(most: number, ask: PullAsk): Promise<Pulled>;
  /**
   * Asks for messages, at most `most`, that the next pulls will answer, and waits for none of them; not where more than `there` are
   * there, or some are on their way. They are let go where the connection is lost before.
   */
  askAhead(most: number, there: number): void;
  /** Whether messages that were asked for ahead are still to be answered. */
  isAhead(): boolean;
  /** Whether an earlier pull came to its time before its messages, which are still to be answered. */
  isLate(): boolean;
  /** Whether something came that no pull has answered yet. */
  isDelivering(): boolean;
  /** How many messages it began with. */
  readonly begins: number;
  /** Whether there are more than were pulled, as far as the server has said. */
  hasMore(): boolean;
  /** The server that has it, in a cluster. */
  readonly server?: string | undefined;
  close(): void;
}

/** How long to wait, and for what. */
export interface PullAsk {
  until: number;
  /** Waits for messages that are still to be written. */
  wait?: boolean;
  /** Answers what came when nothing followed for so many milliseconds. Default: waits for all that was asked for. */
  pauseMs?: number;
}

/**
 * Messages, and whether the stream had no more when the last of them was sent. Of a last_per_subject consumer `end` says
 * nothing: it stops at a message that was removed since it was made, and goes on with the next pull (nats-server 2.15).
 */
export interface Pulled {
  messages: StoredMessage[];
  end: boolean;
  /** Some were asked for ahead, and may have been delivered before this pull. */
  ahead?: boolean;
}

/** Delivered at once; bounds what a reader that stopped makes us hold. */
const MAX_BYTES = 8 * 1024 * 1024;
/**
 * A last_per_subject consumer forgets the message at which a pull's bytes end (nats-server 2.15): its pulls have more room
 * than their messages should need, and one that is filled all the same ends the consumer. Below what makes the server cut a slow reader off.
 */
const MAX_BYTES_LATEST = 32 * 1024 * 1024;
/** The same of what nobody waits for yet. */
const MAX_BYTES_AHEAD = 1024 * 1024;
const WAITING = { batch: 512, bytes: 1024 * 1024, expiresMs: 30_000, heartbeatMs: 2_000 };

/** A server that sends nothing but so many heartbeats has no more: what it still had may have been removed before it was sent. */
const IDLE_BEATS = 2;

/** A reader of latest messages gives up after so many pulls that deliver nothing: each gets past one message that is gone. */
export const MAX_EMPTY = 16;

/** Makes a consumer, which is ended by `close` or when nobody pulled for a minute. */
export async function openPullConsumer(
  call: Call,
  requests: Requests,
  handle: BucketHandle,
  start: ConsumerStart,
): Promise<PullConsumer> {
  const { name, begins, server } = await withRoom(call, requests, () => createConsumer(call, handle, start));
  const parse = consumerMessages(name);
  const next = `${handle.api.prefix}.CONSUMER.MSG.NEXT.${handle.stream}.${name}`;
  const latest = start.deliver_policy === 'last_per_subject';
  const arrived: StoredMessage[] = [];
  /** Messages that the server still had when it sent the last. */
  let unsent = begins;
  /** Heartbeats since the last message. */
  let beats = 0;
  /** Of the pull under way. */
  let left = 0;
  /** The pull under way is the last of so many. The status that ends an earlier one may come late and says nothing. */
  let pulls = 0;
  let atEnd = false;
  /** Of what was asked for ahead some was not answered yet. */
  let ahead = false;
  /** Nothing was delivered yet of the pull under way. */
  let isFirst = true;
  let oneTooLarge = false;
  let heard = 0;
  /** Whoever waits is woken for so many. */
  let wanted = 1;
  let failure: PackError | undefined;
  let closed = false;
  let wake: (() => void) | undefined;
  const inbox = requests.openInbox({
    onMessage: msg => {
      heard = Date.now();
      if (msg.reply) {
        const { message, pending } = parse(msg);
        arrived.push(message);
        left -= 1;
        unsent = pending;
        beats = 0;
        isFirst = false;
        atEnd = pending === 0;
      } else if (msg.subject.endsWith(`.${pulls}`)) {
        onStatus(msg.headers?.code ?? 0, msg.headers?.description ?? '');
      }
      if (arrived.length >= wanted || left <= 0 || atEnd) awake();
    },
    onLost: fail,
    onDenied: subject => {
      if (subject === next) fail(denied('publish', next));
    },
  });
  return {
    pull,
    askAhead,
    isAhead: () => ahead,
    isDelivering: () => arrived.length > 0,
    isLate: () => !ahead && (arrived.length > 0 || (left > 0 && !atEnd)),
    begins,
    server,
    hasMore: () => arrived.length > 0 || unsent > 0,
    close,
  };

  async function pull(most: number, ask: PullAsk): Promise<Pulled> {
    const { until, wait = false, pauseMs = Number.POSITIVE_INFINITY } = ask;
    const wasAhead = ahead;
    if (wasAhead && failure) throw failure; // Which stream is there when it is back is not known.
    if (!wait && !wasAhead && atEnd) left = 0; // What an earlier pull left open was bound to what there was then.
    if (!wasAhead) atEnd = false;
    wanted = wait ? 1 : most;
    const before = wasAhead ? pulls - 1 : pulls;
    const isOver = () => atEnd || (pulls > before && left <= 0 && arrived.length > 0);
    const asked = Date.now();
    const pausedAt = () => (arrived.length > 0 ? Math.max(asked, heard) : Date.now()) + pauseMs;
    const isEnough = () => arrived.length >= most || (wait ? arrived.length > 0 : isOver());
    const enough = () => isEnough() || closed || Date.now() >= Math.min(until, pausedAt());
    while (!enough()) {
      if (failure && arrived.length === 0) throw failure;
      if (failure) break;
      if (left <= 0) send(most - arrived.length, { wait });
      await change(Math.min(until, pausedAt()));
      if (wait && Date.now() - heard > WAITING.heartbeatMs * 2) fail(broken('is silent'));
    }
    const messages = arrived.splice(0, most);
    ahead = wasAhead && (arrived.length > 0 || (left > 0 && !atEnd));
    return { messages, end: atEnd && arrived.length === 0, ...(wasAhead && { ahead: true }) };
  }

  function askAhead(most: number, there: number): void {
    if (closed || failure || atEnd || left > 0 || arrived.length > there) return;
    send(most, { isAhead: true });
    ahead = true;
  }

  /** Resolves when something came, at `until`, or when a heartbeat is overdue. */
  function change(until: number): Promise<void> {
    return new Promise(resolve => {
      const ms = Math.max(1, Math.min(until - Date.now(), WAITING.heartbeatMs * 2));
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  function awake(): void {
    wake?.();
    wake = undefined;
  }

  function send(most: number, { wait = false, isAhead = false }): void {
    pulls += 1;
    left = oneTooLarge ? 1 : wait ? WAITING.batch : most;
    heard = Date.now();
    const bytes = wait ? WAITING.bytes : isAhead ? MAX_BYTES_AHEAD : MAX_BYTES;
    const request = {
      batch: left,
      ...(!oneTooLarge && { max_bytes: latest ? MAX_BYTES_LATEST : bytes }),
      ...(wait
        ? { expires: WAITING.expiresMs * 1_000_000, idle_heartbeat: WAITING.heartbeatMs * 1_000_000 }
        : { no_wait: true }),
    };
    oneTooLarge = false;
    isFirst = true;
    inbox.publish(next, JSON.stringify(request), String(pulls));
  }

  /** 100: still there. 404: no more. 408: the pull has ended. 409 for its bytes or its number: the same. Else it broke. */
  function onStatus(code: number, description: string): void {
    if (code === 100) {
      beats += 1;
      if (beats >= IDLE_BEATS) unsent = 0;
      return;
    }
    left = 0;
    if (code === 404) atEnd = true;
    else if (!latest && code === 409 && /exceeds maxbytes/i.test(description)) oneTooLarge = isFirst;
    else if (code !== 408 && !(code === 409 && /batch completed/i.test(description)))
      fail(broken(`ended with ${code} ${description}`));
  }

  function fail(error: PackError): void {
    failure ??= error;
    awake();
  }

  function close(): void {
    if (closed) return;
    closed = true;
    awake();
    inbox.close(`${handle.api.prefix}.CONSUMER.DELETE.${handle.stream}.${name}`);
  }
}

function broken(why: string): PackError {
  return new PackError('UNAVAILABLE', `The consumer on the NATS server ${why}. Try again.`);
}
