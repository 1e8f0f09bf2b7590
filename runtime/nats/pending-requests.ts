import type { Msg, MsgHdrs, PermissionViolationError } from '@nats-io/transport-node';
import type { PackError } from '../../contract/errors.ts';
import type { Call } from '../core/call.ts';
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
  /** Whose deadline may move while it waits. */
  call: Readonly<Call>;
  onMessage: Listener;
  /** Called each time before it is sent once more; undefined: it is sent once. */
  again: (() => void) | undefined;
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

/** Requests that wait, by the last part of their reply subject. One sweep ends all that are late. */
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

const SWEEP_MS = 25;
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
}

/** Keeps them. `soonMs` is how long the silence is before one is sent once more, `againMs` before anybody is told. */
export function createPendingRequests(
  { soonMs, againMs }: { soonMs: number; againMs: number },
  { publish, again, onSilence, onNobody }: Sending,
): PendingRequests {
  const pending = createNumbered<Pending>();
  let toldAt = 0;
  let sweep: NodeJS.Timeout | undefined;
  return { send, dispatch, deny, unanswered, fail };

  function send(asked: Asked): Promise<Msg> {
    sweep ??= setInterval(expire, SWEEP_MS);
    return new Promise((resolve, reject) => {
      const since = Date.now();
      const number = pending.add({
        asked,
        isAskedWhy: false,
        times: 1,
        since,
        sentAt: since,
        resolve,
        reject,
      });
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
    try {
      if (!request.asked.onMessage(msg, { nth, times: request.times })) {
        if (request.asked.again) request.heard = { msg, at: Date.now() };
        return;
      }
      request.resolve(msg);
    } catch (error) {
      // Thrown on, it would end the client's reading, and nothing would be heard any more.
      request.reject(error);
    }
    pending.delete(number);
  }

  function expire(): void {
    const now = Date.now();
    const silent = new Set<string>();
    pending.forEach((request, number) => {
      const { asked } = request;
      const isSilent = now - request.since >= againMs;
      if (isSilent && now - toldAt >= againMs) silent.add(subjectOf(asked));
      if (asked.call.deadline <= now) {
        pending.delete(number);
        request.reject(late());
        return;
      }
      if (request.heard) {
        if (now - request.heard.at < OTHERS_MS) return;
        pending.delete(number);
        request.resolve(request.heard.msg);
        return;
      }
      if (asked.again && now - request.sentAt >= soonMs) {
        request.sentAt = now;
        request.times += 1;
        again(`${number.toString(RADIX)}${TIMES}${request.times}`, asked);
      }
      if (isSilent && asked.why && !request.isAskedWhy) askWhy(asked.why, request, number);
    });
    if (silent.size > 0) {
      toldAt = now;
      onSilence(silent);
    }
    if (pending.size() > 0) return;
    clearInterval(sweep);
    sweep = undefined;
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
    clearInterval(sweep);
    sweep = undefined;
  }
}

function subjectOf({ messages }: Asked): string {
  return messages[0]?.subject ?? '';
}
