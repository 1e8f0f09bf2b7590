import type { Msg, MsgHdrs, PermissionViolationError } from '@nats-io/transport-node';
import type { PackError } from '../../contract/errors.ts';
import type { Call } from '../core/call.ts';
import { denied, late } from './request-errors.ts';

/** Takes an answer; true: it is the last. */
export type Listener = (msg: Msg) => boolean;

/** One message of a request. */
export interface Message {
  subject: string;
  payload: string | Uint8Array;
  headers?: MsgHdrs | undefined;
}

/** A request that waits for its answers. */
export interface Pending {
  /** What is sent: mostly one message. NATS names no more than its subject of a request that it denies. */
  messages: readonly Message[];
  /** Whose deadline may move while it waits. */
  call: Readonly<Call>;
  onMessage: Listener;
  /** Called each time before it is sent once more; undefined: it is sent once. */
  again: (() => void) | undefined;
  /** Asked once when nothing is heard: an error that it answers is what the request fails with, if it still waits. */
  why: (() => Promise<PackError | undefined>) | undefined;
  /** How many times it was sent. */
  times: number;
  /** When it was sent last, in milliseconds since 1970. */
  sentAt: number;
  /** Takes the last answer. */
  resolve(msg: Msg): void;
  reject(error: unknown): void;
}

/** Requests that wait, by the last part of their reply subject. One sweep ends all that are late. */
export interface PendingRequests {
  add(token: string, request: Pending): void;
  remove(token: string): void;
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

/** What becomes of requests that hear nothing. */
export interface Silence {
  /** Sends one once more that can be. */
  again(token: string, request: Pending): void;
  /** Called once in that time at most, whatever waits. */
  onSilence(): void;
}

/** Keeps them. `againMs` is how long the silence is. */
export function createPendingRequests(againMs: number, { again, onSilence }: Silence): PendingRequests {
  const pending = new Map<string, Pending>();
  let toldAt = 0;
  let sweep: NodeJS.Timeout | undefined;
  return { add, remove: token => pending.delete(token), dispatch, deny, unanswered, fail };

  function add(token: string, request: Pending): void {
    pending.set(token, request);
    sweep ??= setInterval(expire, SWEEP_MS);
  }

  function dispatch(token: string, msg: Msg): void {
    const request = pending.get(token);
    if (!request?.onMessage(msg)) return;
    pending.delete(token);
    request.resolve(msg);
  }

  function expire(): void {
    const now = Date.now();
    let isSilent = false;
    for (const [token, request] of pending) {
      const silence = now - request.sentAt;
      isSilent ||= silence >= againMs;
      if (request.call.deadline > now) {
        if (request.again && silence >= againMs) {
          request.sentAt = now;
          request.times += 1;
          again(token, request);
        }
        if (request.why && silence >= againMs) askWhy(token, request);
        continue;
      }
      pending.delete(token);
      request.reject(late());
    }
    if (isSilent && now - toldAt >= againMs) {
      toldAt = now;
      onSilence();
    }
    if (pending.size > 0) return;
    clearInterval(sweep);
    sweep = undefined;
  }

  function askWhy(token: string, request: Pending): void {
    const { why } = request;
    request.why = undefined;
    void why?.().then(error => {
      if (error && pending.get(token) === request && pending.delete(token)) request.reject(error);
    });
  }

  function deny({ subject, operation }: PermissionViolationError): void {
    for (const [token, request] of pending) {
      if (!request.messages.some(message => message.subject === subject)) continue;
      pending.delete(token);
      request.reject(denied(operation, subject));
    }
  }

  function unanswered(): number {
    let bytes = 0;
    for (const { messages, times } of pending.values())
      for (const { payload } of messages) bytes += payload.length * times;
    return bytes;
  }

  function fail(error: () => PackError): void {
    for (const request of pending.values()) request.reject(error());
    pending.clear();
    clearInterval(sweep);
    sweep = undefined;
  }
}
