import type { Msg, MsgHdrs, NatsConnection, Subscription } from '@nats-io/transport-node';
import { createInbox, PermissionViolationError } from '@nats-io/transport-node';
import type { PackError } from '../../contract/errors.ts';
import type { Call } from '../core/call.ts';
import { traced } from '../core/trace.ts';
import {
  connectionLost,
  denied,
  isConnectionLost,
  isLate,
  late,
  noAnswer,
  notLetIn,
  unavailable,
} from './request-errors.ts';
import { spanOf } from './span-of.ts';

/**
 * Requests over one wildcard inbox. The client library's own `request` makes a timer, a race and several objects per
 * call; one map and one sweep for all of them nearly doubles what a connection carries. It also knows what the
 * library does not say: whether a request was sent at all when the connection is lost.
 */
export interface Requests {
  /** First answer. Sent again after a lost connection only when `safe`, that is, when asking twice does no harm. */
  ask(call: Call, subject: string, payload: string | Uint8Array, options?: AskOptions): Promise<Msg>;
  /**
   * Every answer up to the one that the listener returns true for. Sent again after a lost connection and after silence, so
   * only for what does no harm asked twice: `begin` makes a new listener each time, and what the one before heard is void.
   */
  collect(call: Call, subject: string, payload: string, begin: () => Listener): Promise<void>;
  /**
   * Sends messages one after the other with nothing between them, and answers the first answer that says something: an
   * error to the first message, or whatever the last is answered. Those between are not answered. Never sent again.
   */
  askInRow(call: Call, messages: readonly MessageInRow[]): Promise<Msg>;
  /** An inbox of its own, for messages that come under other subjects than the inbox: deliveries of consumers. */
  openInbox(handlers: InboxHandlers): Inbox;
  /** Resolves when NATS is there; throws UNAVAILABLE after a grace period or at the deadline. */
  ready(call: Call): Promise<void>;
  connected(): boolean;
  /** Whether the server says that it has JetStream, itself or in its cluster; undefined before there is a connection. */
  offersJetStream(): boolean | undefined;
  /** Counts connections: another number where another server may answer. */
  connections(): number;
  /** Whether it was closed, for good. */
  closed(): boolean;
  close(): void;
}

/** Takes an answer; true: it is the last. */
export type Listener = (msg: Msg) => boolean;

/** How to send one request. */
export interface AskOptions {
  headers?: MsgHdrs;
  safe?: boolean;
  /**
   * Sent again after each second of silence, and called each time: for a write that the server tells from a new one, by its message
   * id or by the revision it expects. Whichever of its answers comes first is taken. Default: it is sent once.
   */
  again?: (() => void) | undefined;
  /** The answer is gathered from all servers, which takes seconds where one is away: it is waited for, not asked for again. */
  gathered?: boolean;
}

/** A message of several that belong together. */
export interface MessageInRow {
  subject: string;
  payload: Uint8Array;
  headers: MsgHdrs;
}

/** What happens to an inbox. */
export interface InboxHandlers {
  onMessage(msg: Msg): void;
  /** The connection is lost: what was asked for will not come. */
  onLost(error: PackError): void;
}

/** A subscription to a subject of its own. */
export interface Inbox {
  /**
   * Asks for messages to be delivered here; throws UNAVAILABLE while the connection is down. What is only a status comes
   * under a subject that ends with `.` and the token.
   */
  publish(subject: string, payload: string, token: string): void;
  /** Ends the subscription, telling `goodbye`, a subject, if anybody is there to hear it. */
  close(goodbye: string): void;
}

interface Pending {
  /** Where it was sent to: NATS names no more of a request that it denies. */
  subjects: readonly string[];
  /** Whose deadline may move while it waits. */
  call: Readonly<Call>;
  onMessage: Listener;
  /** Sends it once more. */
  again: (() => void) | undefined;
  /** When it was sent last, in milliseconds since 1970. */
  sentAt: number;
  resolve(): void;
  reject(error: PackError): void;
}

const SWEEP_MS = 25;
/** A NATS that is being restarted is back within this time; a caller is not held longer for one that is away. */
const RECONNECT_GRACE_MS = 2_000;
/**
 * What does no harm asked twice is asked again after so long without an answer: a request that was under way when its stream
 * lost its leader is answered by nobody, though the next one is (ADR-22 has the retry).
 */
export const ASK_AGAIN_MS = 900;
const SHORT_TRIES = 2;

/**
 * Makes the requests of a connection, which may still be on its way.
 * @param isOurs says of a connection that is back whether it leads to the right server; to another one nothing is sent.
 */
export function createRequests(
  connecting: Promise<NatsConnection>,
  isOurs: (nc: NatsConnection) => boolean = () => true,
): Requests {
  const pending = new Map<string, Pending>();
  const inbox = `${createInbox()}.`;
  const waiting = new Set<() => void>();
  const inboxes = new Set<InboxHandlers>();
  let connection: NatsConnection | undefined;
  let subscription: Subscription | undefined;
  let up = false;
  let connections = 0;
  let closed = false;
  /** Why there will never be a connection. */
  let refusal: PackError | undefined;
  let sent = 0;
  let sweep: NodeJS.Timeout | undefined;

  connecting.then(
    nc => {
      connection = nc;
      subscription = nc.subscribe(`${inbox}*`, { callback: (_err, msg) => dispatch(msg) });
      setUp(true);
      void follow(nc);
    },
    (error: unknown) => {
      refusal = notLetIn(error);
      wakeAll();
    },
  );

  return {
    ask,
    collect,
    askInRow,
    openInbox,
    ready,
    connected: () => up,
    offersJetStream,
    connections: () => connections,
    closed: () => closed,
    close,
  };

  function offersJetStream(): boolean | undefined {
    const info = connection?.info;
    return info && (info.jetstream === true || info.cluster !== undefined);
  }

  function ask(call: Call, subject: string, payload: string | Uint8Array, options: AskOptions = {}) {
    return traced(
      () => spanOf(subject),
      () => askOnce(call, subject, payload, options),
    );
  }

  async function askOnce(call: Call, subject: string, payload: string | Uint8Array, options: AskOptions) {
    const { headers, safe, gathered, again } = options;
    let answer: Msg | undefined;
    const onMessage = (msg: Msg) => {
      answer = msg;
      return true;
    };
    if (!safe) {
      if (!up) await ready(call);
      await send(call, subject, payload, { headers, onMessage, again });
    } else {
      // The first of its answers is as good as the last.
      const repeat = gathered ? undefined : () => undefined;
      await untilAnswered(
        call,
        () => Number.POSITIVE_INFINITY,
        turn => send(turn, subject, payload, { headers, onMessage, again: repeat }),
      );
    }
    return answer as Msg;
  }

  function collect(call: Call, subject: string, payload: string, begin: () => Listener): Promise<void> {
    // What is much may take the server a while to find: after some tries, which may all have met a server that hangs, it is given longer.
    const patience = (tries: number) => ASK_AGAIN_MS * 2 ** Math.max(0, tries - SHORT_TRIES);
    return traced(
      () => spanOf(subject),
      () =>
        untilAnswered(call, patience, (turn, heard) => {
          const listener = begin();
          return send(turn, subject, payload, {
            onMessage: msg => {
              heard();
              return listener(msg);
            },
          });
        }),
    );
  }

  /** Asks again when the connection was lost or nothing was heard for the milliseconds of `patience`, within the deadline. */
  async function untilAnswered(
    call: Call,
    patience: (tries: number) => number,
    attempt: (turn: Call, heard: () => void) => Promise<void>,
  ): Promise<void> {
    for (let tries = 0; ; tries++) {
      if (!up) await ready(call);
      const silence = patience(tries);
      const turn = { deadline: 0 };
      const heard = () => {
        turn.deadline = Math.min(call.deadline, Date.now() + silence);
      };
      heard();
      try {
        return await attempt(turn, heard);
      } catch (error) {
        if (isConnectionLost(error)) continue;
        if (!isLate(error)) throw error;
        if (Date.now() >= call.deadline) throw noAnswer();
      }
    }
  }

  async function askInRow(call: Call, messages: readonly MessageInRow[]): Promise<Msg> {
    let answer: Msg | undefined;
    const takeAnswer = (msg: Msg) => {
      // Empty and without a status: taken, and nothing more to say yet.
      if (msg.data.length === 0 && !msg.headers?.code) return false;
      answer = msg;
      return true;
    };
    const subjects = messages.map(({ subject }) => subject);
    await traced(
      () => spanOf(subjects.at(-1) ?? ''),
      () =>
        request(call, { subjects, onMessage: takeAnswer }, (nc, reply) => {
          const last = messages.length - 1;
          for (const [index, { subject, payload, headers }] of messages.entries()) {
            nc.publish(subject, payload, index === 0 || index === last ? { headers, reply } : { headers });
          }
        }),
    );
    return answer as Msg;
  }

  async function send(
    call: Call,
    subject: string,
    payload: string | Uint8Array,
    options: { headers?: MsgHdrs | undefined; onMessage: Listener; again?: (() => void) | undefined },
  ): Promise<void> {
    const { headers, onMessage, again } = options;
    return request(call, { subjects: [subject], onMessage, again }, (nc, reply) =>
      nc.publish(subject, payload, { reply, ...(headers && { headers }) }),
    );
  }

  async function request(
    call: Call,
    { subjects, onMessage, again }: Pick<Pending, 'subjects' | 'onMessage'> & Partial<Pick<Pending, 'again'>>,
    publish: (nc: NatsConnection, reply: string) => void,
  ): Promise<void> {
    // Never hand a message to a connection that is down: the library would keep it and send it on reconnect, long
    // after the caller was told that the write failed.
    if (!up || !connection) await ready(call);
    const token = (sent++).toString(36);
    const repeat =
      again &&
      (() => {
        if (!up || !connection || connection.isClosed()) return;
        again();
        publish(connection, inbox + token);
      });
    const answered = new Promise<void>((resolve, reject) => {
      pending.set(token, { subjects, call, onMessage, again: repeat, sentAt: Date.now(), resolve, reject });
    });
    startSweep();
    try {
      if (connection) publish(connection, inbox + token);
    } catch (error) {
      pending.delete(token);
      throw error;
    }
    return answered;
  }

  function openInbox(handlers: InboxHandlers): Inbox {
    if (!connection || !up) throw unavailable();
    const reply = createInbox();
    const nc = connection;
    const delivered = nc.subscribe(`${reply}.*`, {
      callback: (error, msg) => {
        if (!error) handlers.onMessage(msg);
      },
    });
    inboxes.add(handlers);
    return {
      publish: (subject, payload, token) => {
        if (!up || nc.isClosed()) throw unavailable();
        nc.publish(subject, payload, { reply: `${reply}.${token}` });
      },
      close: goodbye => {
        inboxes.delete(handlers);
        if (nc.isClosed()) return;
        if (up) nc.publish(goodbye, '');
        delivered.unsubscribe();
      },
    };
  }

  function dispatch(msg: Msg): void {
    const token = msg.subject.slice(inbox.length);
    const request = pending.get(token);
    if (!request?.onMessage(msg)) return;
    pending.delete(token);
    request.resolve();
  }

  function startSweep(): void {
    sweep ??= setInterval(expire, SWEEP_MS);
  }

  function expire(): void {
    const now = Date.now();
    for (const [token, request] of pending) {
      if (request.call.deadline > now) {
        if (request.again && now - request.sentAt >= ASK_AGAIN_MS) {
          request.sentAt = now;
          request.again();
        }
        continue;
      }
      pending.delete(token);
      request.reject(late());
    }
    if (pending.size > 0) return;
    clearInterval(sweep);
    sweep = undefined;
  }

  async function follow(nc: NatsConnection): Promise<void> {
    for await (const status of nc.status()) {
      if (status.type === 'disconnect') setUp(false);
      if (status.type === 'reconnect') setUp(isOurs(nc));
      if (status.type === 'error' && status.error instanceof PermissionViolationError) deny(status.error);
    }
  }

  /** NATS says at once that it does not take a message, and never answers it. */
  function deny({ subject, operation }: PermissionViolationError): void {
    for (const [token, request] of pending) {
      if (!request.subjects.includes(subject)) continue;
      pending.delete(token);
      request.reject(denied(operation, subject));
    }
  }

  function setUp(now: boolean): void {
    up = now && !closed;
    if (up) {
      connections += 1;
      wakeAll();
      return;
    }
    for (const request of pending.values()) request.reject(connectionLost());
    pending.clear();
    for (const { onLost } of inboxes) onLost(connectionLost());
  }

  async function ready(call: Call): Promise<void> {
    if (up) return;
    if (closed || refusal) throw refusal ?? unavailable();
    const wait = Math.max(0, Math.min(call.deadline - Date.now(), RECONNECT_GRACE_MS));
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => settle(() => reject(unavailable())), wait);
      const wake = () => settle(up ? resolve : () => reject(refusal ?? unavailable()));
      const settle = (finish: () => void) => {
        clearTimeout(timer);
        waiting.delete(wake);
        finish();
      };
      waiting.add(wake);
    });
  }

  function close(): void {
    closed = true;
    clearInterval(sweep);
    subscription?.unsubscribe();
    setUp(false);
    // Nobody is held for a connection that does not come back.
    wakeAll();
  }

  function wakeAll(): void {
    for (const wake of [...waiting]) wake();
  }
}
