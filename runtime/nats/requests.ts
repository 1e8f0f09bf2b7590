import type { Msg, MsgHdrs, NatsConnection, Subscription } from '@nats-io/transport-node';
import { createInbox, PermissionViolationError } from '@nats-io/transport-node';
import type { PackError } from '../../contract/errors.ts';
import type { Call } from '../core/call.ts';
import { isTracing, traced } from '../core/trace.ts';
import type { Doubt } from './doubt.ts';
import { createDoubt } from './doubt.ts';
import type { Inbox, InboxHandlers } from './inboxes.ts';
import { createInboxes } from './inboxes.ts';
import type { Suspect } from './parted-server.ts';
import type { Asked, Listener } from './pending-requests.ts';
import { createPendingRequests } from './pending-requests.ts';
import { publish } from './publish.ts';
import { connectionLost, notHeard, notLetIn, unavailable } from './request-errors.ts';
import type { AskOptions, MessageInRow } from './request-options.ts';
import { ASK_AGAIN_MS, soonMs } from './silence.ts';
import { createSilentServer } from './silent-server.ts';
import { spanOf } from './span-of.ts';
import { throwUnlessAgain, untilAnswered } from './until-answered.ts';
import { untilSure } from './until-sure.ts';

/**
 * Requests over one wildcard inbox. The client library's own `request` makes a timer, a race and several objects per
 * call; one map and one timer for all of them nearly doubles what a connection carries. It also knows what the
 * library does not say: whether a request was sent at all when the connection is lost.
 */
export interface Requests {
  /** First answer. Sent again after a lost connection only when `safe`, that is, when asking twice does no harm. */
  ask(call: Call, subject: string, payload: string | Uint8Array, options?: AskOptions): Promise<Msg>;
  /**
   * Every answer up to the one that the listener returns true for. Sent again after a lost connection and after silence, so
   * only for what does no harm asked twice: `begin` makes a listener for each answer that is begun, and what the one before heard is void.
   */
  collect(call: Call, subject: string, payload: string, begin: () => Listener): Promise<void>;
  /**
   * Sends messages one after the other with nothing between them, and answers the first answer that says something: an
   * error to the first message, or whatever the last is answered. Those between are not answered. Never sent again.
   */
  askInRow(call: Call, messages: readonly MessageInRow[], why?: AskOptions['why']): Promise<Msg>;
  /** An inbox of its own, for messages that come under other subjects than the inbox: deliveries of consumers. */
  openInbox(handlers: InboxHandlers): Inbox;
  /** Resolves when NATS is there; throws UNAVAILABLE after a grace period or at the deadline. */
  ready(call: Call): Promise<void>;
  connected(): boolean;
  /** The server's side of its cluster may be one that nobody leads: what this subject asks for it cannot give. */
  suspect(subject: string): void;
  /** Whether the server says that it has JetStream, itself or in its cluster; undefined before there is a connection. */
  offersJetStream(): boolean | undefined;
  readonly doubt: Doubt;
  /** Counts connections: another number where another server may answer. */
  connections(): number;
  /** Whether it was closed, for good. */
  closed(): boolean;
  close(): void;
}

interface SendOptions {
  headers?: MsgHdrs | undefined;
  /** Default: the first answer is the last. */
  onMessage?: Listener;
  again?: (() => void) | undefined;
  gathered?: AskOptions['gathered'];
  refusal?: AskOptions['refusal'];
  why?: AskOptions['why'];
}

/** A NATS that is being restarted is back within this time; a caller is not held longer for one that is away. */
const RECONNECT_GRACE_MS = 2_000;
/**
 * Makes the requests of a connection, which may still be on its way.
 * @param isOurs says of a connection that is back whether it leads to the right server; to another one nothing is sent.
 * @param hasOthers whether there are other servers to go to where one hangs.
 * @param suspect is told of subjects on which nobody answered, or that there is nobody.
 */
export function createRequests(
  connecting: Promise<NatsConnection>,
  {
    isOurs = () => true,
    hasOthers = false,
    suspect: suspectOf = () => undefined,
  }: { isOurs?: (nc: NatsConnection) => boolean; hasOthers?: boolean; suspect?: Suspect } = {},
): Requests {
  const lookAt = createSilentServer(hasOthers);
  const doubt = createDoubt();
  const pending = createPendingRequests(
    { soonMs: times => soonMs(times, doubt), againMs: ASK_AGAIN_MS },
    {
      publish: (token, { messages }) => connection && publish(connection, messages, inbox + token),
      again: sendAgain,
      onSilence: subjects => {
        if (!up || !connection) return;
        lookAt(connection, pending.unanswered);
        suspectOf(connection, subjects);
      },
      onNobody: suspect,
      onOvertaken: doubt.raise,
    },
  );
  const inboxes = createInboxes(() => (up ? connection : undefined));
  const inbox = `${createInbox()}.`;
  const waiting = new Set<() => void>();
  let connection: NatsConnection | undefined;
  let subscription: Subscription | undefined;
  let up = false;
  let connections = 0;
  let closed = false;
  /** Why there will never be a connection, or none that is of use before there is another. */
  let refusal: PackError | undefined;

  connecting.then(
    nc => {
      connection = nc;
      hear(nc);
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
    openInbox: inboxes.open,
    ready,
    connected: () => up,
    suspect,
    offersJetStream,
    doubt,
    connections: () => connections,
    closed: () => closed,
    close,
  };

  function suspect(subject: string): void {
    if (up && connection) suspectOf(connection, [subject]);
  }

  function offersJetStream(): boolean | undefined {
    const info = connection?.info;
    return info && (info.jetstream === true || info.cluster !== undefined);
  }

  function ask(call: Call, subject: string, payload: string | Uint8Array, options: AskOptions = {}) {
    return (isTracing() ? askTraced : askOnce)(call, subject, payload, options);
  }

  function askTraced(call: Call, subject: string, payload: string | Uint8Array, options: AskOptions) {
    return traced(
      () => spanOf(subject),
      () => askOnce(call, subject, payload, options),
    );
  }

  function askOnce(call: Call, subject: string, payload: string | Uint8Array, options: AskOptions) {
    if (!options.safe) return send(call, subject, payload, options);
    const { headers, gathered } = options;
    // The first of its answers is as good as the last.
    return askUntilAnswered(call, subject, payload, { headers, gathered, again: nothing });
  }

  async function askUntilAnswered(
    call: Call,
    subject: string,
    payload: string | Uint8Array,
    options: SendOptions,
  ): Promise<Msg> {
    for (;;) {
      try {
        return await send(call, subject, payload, options);
      } catch (error) {
        throwUnlessAgain(call, error);
      }
    }
  }

  function collect(call: Call, subject: string, payload: string, begin: () => Listener): Promise<void> {
    return traced(
      () => spanOf(subject),
      () =>
        untilAnswered(call, {
          doubt,
          ready: whenReady,
          begin,
          send: (turn, onMessage) => send(turn, subject, payload, { onMessage }),
        }),
    );
  }

  function askInRow(call: Call, messages: readonly MessageInRow[], why?: AskOptions['why']): Promise<Msg> {
    return traced(
      () => spanOf(messages.at(-1)?.subject ?? ''),
      () => request({ call, messages, onMessage: saysSomething, again: undefined, why }),
    );
  }

  function send(
    call: Call,
    subject: string,
    payload: string | Uint8Array,
    { headers, refusal, onMessage = refusal ? untilSure(refusal) : isAnswer, ...how }: SendOptions,
  ): Promise<Msg> {
    const { again, gathered, why } = how;
    return request({ call, messages: [{ subject, payload, headers }], onMessage, again, gathered, why });
  }

  /**
   * Never hands a message to a connection that is down: the library would keep it and send it on reconnect, long after the caller
   * was told that the write failed.
   */
  function request(asked: Asked): Promise<Msg> {
    return up ? pending.send(asked) : requestWhenUp(asked);
  }

  async function requestWhenUp(asked: Asked): Promise<Msg> {
    await ready(asked.call);
    return await request(asked);
  }

  function sendAgain(token: string, { again, messages }: Asked): void {
    if (!up || !connection || connection.isClosed()) return;
    again?.();
    publish(connection, messages, inbox + token);
  }

  async function follow(nc: NatsConnection): Promise<void> {
    for await (const status of nc.status()) {
      if (status.type === 'disconnect') setUp(false);
      if (status.type === 'reconnect') {
        if (refusal) hear(nc);
        setUp(isOurs(nc));
      }
      if (status.type !== 'error' || !(status.error instanceof PermissionViolationError)) continue;
      pending.deny(status.error);
      inboxes.deny(status.error);
    }
  }

  /** Where NATS does not allow it, nothing is answered over this connection, and nothing is sent before there is another. */
  function hear(nc: NatsConnection): void {
    refusal = undefined;
    subscription = nc.subscribe(`${inbox}*`, {
      callback: (error, msg) => {
        if (!error) return pending.dispatch(msg.subject.slice(inbox.length), msg);
        refusal = notHeard(`${inbox}*`, 'Nothing was written.');
        setUp(false, () => notHeard(`${inbox}*`, 'Whether a write was stored is not known.'));
      },
    });
  }

  function setUp(now: boolean, lost: () => PackError = connectionLost): void {
    up = now && !closed;
    if (up) {
      connections += 1;
      wakeAll();
      return;
    }
    pending.fail(lost);
    inboxes.lost(lost());
  }

  function whenReady(call: Call): Promise<void> | undefined {
    return up ? undefined : ready(call);
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
    subscription?.unsubscribe();
    setUp(false);
    // Nobody is held for a connection that does not come back.
    wakeAll();
  }

  function wakeAll(): void {
    for (const wake of [...waiting]) wake();
  }
}

const nothing = (): void => undefined;
const isAnswer: Listener = () => true;

/** Empty and without a status: taken, and nothing more to say yet. */
const saysSomething: Listener = msg => msg.data.length > 0 || Boolean(msg.headers?.code);
