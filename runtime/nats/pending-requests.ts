import type { Msg, MsgHdrs, PermissionViolationError } from '@nats-io/transport-node';
import type { PackError } from '../../contract/errors.ts';
import type { Call } from '../core/call.ts';
import { createNextLook } from './next-look.ts';
import { createNumbered } from './numbered.ts';
import { denied, late } from './request-errors.ts';

/**
 * Takes an answer; true: it is the last. `nth`: to which of how many `times` that it was sent. Nothing is sent again once one was
 * answered; where the others are waited for and stay away, the last that was heard is taken.
 */
export type Listener = (msg: Msg, sent?: { nth: number; times: number }) => boolean;

/** One message of a request. */
export interface Message {
  subject: string;
  payload: string | Uint8Array;
  headers?: MsgHdrs | undefined;
}

/** What is asked. */
export interface Asked {
  /** What is sent: mostly one message. NATS names no more than its subject of a request that it denies. */
  messages: readonly Message[];
  /**
   * Whose deadline may move while it waits: in `onMessage`, or to 0 where nobody waits for it any more, which need not be seen before the
   * requests are looked at anyway.
   */
  call: Readonly<Call>;
  onMessage: Listener;
  /** Called each time before it is sent once more; undefined: it is sent once. */
  again: (() => void) | undefined;
  /** The answer takes longer, as all servers have a part in it. */
  gathered?: boolean | undefined;
  /** Asked once when nothing is heard: an error that it answers is what the request fails with, if it still waits. */
  why?: (() => Promise<PackError | undefined>) | undefined;
}

/** A request that waits for its answers. */
interface Pending {
  asked: Asked;
  isAskedWhy: boolean;
  /** How many times it was sent. */
  times: number;
  /** When it was sent first and last, in milliseconds since 1970. */
  since: number;
  sentAt: number;
  /** An answer that is not the last, of one that was sent again, and when it came. */
  heard?: { msg: Msg; at: number };
  /** Takes the last answer. */
  resolve(msg: Msg): void;
  reject(error: unknown): void;
}

/** Requests that wait, by the last part of their reply subject. One timer ends all that are late, set to the first of them. */
export interface PendingRequests {
  /** Sends a request and answers its last answer. */
  send(asked: Asked): Promise<Msg>;
  /** Hands an answer to its request, if it still waits. */
  dispatch(token: string, msg: Msg): void;
  /** NATS says at once that it does not take a message, and never answers it. */
  deny(violation: PermissionViolationError): void;
  /** How much was sent that is not answered yet, in bytes of payloads: over a slow link some of it may be on its way still. */
  unanswered(): number;
  /** Ends all of them. */
  fail(error: () => PackError): void;
}

/** One look finds all that is due of many: there is none sooner after another. */
const LOOK_MS = 10;
/** Numbers as tokens: digits and letters. */
const RADIX = 36;
/** Between the number and how many times it was sent, where that is more than once. */
const TIMES = '_';
/** So long the answers to what was sent again are waited for behind the first. */
const OTHERS_MS = 2_000;

/** How requests are sent, and what becomes of those that hear nothing. */
export interface Sending {
  /** Throws where it cannot be sent. */
  publish(token: string, asked: Asked): void;
  /** Sends one once more that can be. */
  again(token: string, asked: Asked): void;
  /** Called once in that time at most, with the subjects of all that wait so long. */
  onSilence(subjects: ReadonlySet<string>): void;
  /** Called where the server answers that nobody listens on a subject. */
  onNobody(subject: string): void;
  /** Called where what was sent once more is answered, and what was sent before it is not. */
  onOvertaken(): void;
}

/**
 * Keeps them. `soonMs` is how long the silence is before one that was sent so many times is sent once more, `againMs` before anybody is told,
 * or what is gathered is asked for once more.
 */
export function createPendingRequests(
  { soonMs, againMs }: { soonMs(times: number): number; againMs: number },
  { publish, again, onSilence, onNobody, onOvertaken }: Sending,
): PendingRequests {
  const pending = createNumbered<Pending>();
  let toldAt = 0;
  const next = createNextLook(look, LOOK_MS, againMs);
  return { send, dispatch, deny, unanswered, fail };

  function send(asked: Asked): Promise<Msg> {
    return new Promise((resolve, reject) => {
      const since = Date.now();
      const request = { asked, isAskedWhy: false, times: 1, since, sentAt: since, resolve, reject };
      const number = pending.add(request);
      next.by(dueOf(request));
      try {
        publish(number.toString(RADIX), asked);
      } catch (error) {
        pending.delete(number);
        reject(error);
      }
    });
  }

  function dispatch(token: string, msg: Msg): void {
    const number = Number.parseInt(token, RADIX);
    const request = pending.get(number);
    if (!request) return;
    if (msg.data.length === 0 && msg.headers?.code === 503) onNobody(subjectOf(request.asked));
    const times = token.indexOf(TIMES);
    const nth = times < 0 ? 1 : Number(token.slice(times + 1));
    if (nth > 1 && !request.heard && !request.asked.gathered) onOvertaken();
    try {
      if (!request.asked.onMessage(msg, { nth, times: request.times })) {
        if (request.asked.again) request.heard = { msg, at: Date.now() };
        next.by(dueOf(request));
        return;
      }
      request.resolve(msg);
    } catch (error) {
      // Thrown on, it would end the client's reading, and nothing would be heard any more.
      request.reject(error);
    }
    pending.delete(number);
  }

  /** When there is next something to be done for a request. */
  function dueOf(request: Pending): number {
    const { asked, heard, isAskedWhy, since } = request;
    const silentAt = since + againMs;
    const asksWhy = asked.why && !isAskedWhy && !heard;
    const toldNext = Math.max(silentAt, asksWhy ? 0 : toldAt + againMs);
    const ownAt = heard ? heard.at + OTHERS_MS : asked.again ? againAt(request) : toldNext;
    return Math.min(asked.call.deadline, toldNext, ownAt);
  }

  function againAt({ asked, sentAt, times }: Pending): number {
    return sentAt + (asked.gathered ? againMs : soonMs(times));
  }

  function look(now: number): number {
    const silent = new Set<string>();
    pending.forEach((request, number) => void lookInto(request, { number, now, silent }));
    if (silent.size > 0) {
      toldAt = now;
      onSilence(silent);
    }
    let dueAt = Number.POSITIVE_INFINITY;
    pending.forEach(request => {
      dueAt = Math.min(dueAt, dueOf(request));
    });
    return dueAt;
  }

  function lookInto(request: Pending, { number, now, silent }: Look): void {
    const { asked, heard } = request;
    const isOver = asked.call.deadline <= now;
    // One whose time is as long as the silence counts, and one that is let go does not.
    const isSilent = now - request.since >= againMs - LOOK_MS && asked.call.deadline > 0;
    if (isSilent && now - toldAt >= againMs - LOOK_MS) silent.add(subjectOf(asked));
    if (isOver || (heard && now - heard.at >= OTHERS_MS)) {
      pending.delete(number);
      if (isOver || !heard) request.reject(late());
      else request.resolve(heard.msg);
      return;
    }
    if (heard) return;
    if (asked.again && now >= againAt(request)) {
      request.sentAt = now;
      request.times += 1;
      again(`${number.toString(RADIX)}${TIMES}${request.times}`, asked);
    }
    if (isSilent && asked.why && !request.isAskedWhy) askWhy(asked.why, request, number);
  }

  function askWhy(why: NonNullable<Asked['why']>, request: Pending, number: number): void {
    request.isAskedWhy = true;
    void why().then(error => {
      if (!error || pending.get(number) !== request) return;
      pending.delete(number);
      request.reject(error);
    });
  }

  function deny({ subject, operation }: PermissionViolationError): void {
    pending.forEach(({ asked, reject }, number) => {
      if (!asked.messages.some(message => message.subject === subject)) return;
      pending.delete(number);
      reject(denied(operation, subject));
    });
  }

  function unanswered(): number {
    let bytes = 0;
    pending.forEach(({ asked, times }) => {
      for (const { payload } of asked.messages) bytes += payload.length * times;
    });
    return bytes;
  }

  function fail(error: () => PackError): void {
    pending.forEach(({ reject }, number) => {
      pending.delete(number);
      reject(error());
    });
    next.none();
  }
}

/** One of them, looked at at a moment; takes the subjects of those that are silent. */
interface Look {
  number: number;
  now: number;
  silent: Set<string>;
}

function subjectOf({ messages }: Asked): string {
  return messages[0]?.subject ?? '';
}
