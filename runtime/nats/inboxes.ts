import type { Msg, MsgHdrs, NatsConnection, PermissionViolationError } from '@nats-io/transport-node';
import { createInbox } from '@nats-io/transport-node';
import type { PackError } from '../../contract/errors.ts';
import type { Row } from './message-row.ts';
import { beginRow } from './message-row.ts';
import { notHeard, unavailable } from './request-errors.ts';

/** What happens to an inbox. */
export interface InboxHandlers {
  onMessage(msg: Msg): void;
  /** The connection is lost, or NATS does not let it listen here: what was asked for will not come. */
  onLost(error: PackError): void;
  /** NATS does not let this connection send to a subject, which this inbox or another one has tried. */
  onDenied?(subject: string): void;
}

/** A subscription to a subject of its own. */
export interface Inbox {
  /** Like no other's. */
  readonly id: string;
  /**
   * Sends what is answered, or delivered, here; throws UNAVAILABLE while the connection is down. Answers come under a subject that
   * ends with `.` and the token, which may be of several parts.
   */
  publish(subject: string, payload: string | Uint8Array, token: string, headers?: MsgHdrs): void;
  /** Begins a row of messages, sent as `publish` does it, with a token each in place of `reply`. */
  beginRow(): Row;
  /** Ends the subscription, telling `goodbye`, a subject, if anybody is there to hear it. */
  close(goodbye?: string): void;
}

/** The inboxes of a connection. */
export interface Inboxes {
  /** Throws UNAVAILABLE while the connection is down. */
  open(handlers: InboxHandlers): Inbox;
  /** Tells all of them that the connection is lost. */
  lost(error: PackError): void;
  /** NATS says at once that it does not take a message, and never answers it. */
  deny(violation: PermissionViolationError): void;
}

/** Keeps them. `whenUp` is the connection while it is up. */
export function createInboxes(whenUp: () => NatsConnection | undefined): Inboxes {
  const all = new Set<InboxHandlers>();
  return { open, lost, deny };

  function open(handlers: InboxHandlers): Inbox {
    const nc = whenUp();
    if (!nc) throw unavailable();
    const reply = createInbox();
    const delivered = nc.subscribe(`${reply}.>`, {
      callback: (error, msg) => {
        if (error) handlers.onLost(notHeard(`${reply}.>`, 'Whether a write was stored is not known.'));
        else handlers.onMessage(msg);
      },
    });
    all.add(handlers);
    return {
      id: reply.slice(reply.lastIndexOf('.') + 1),
      publish: (subject, payload, token, headers) => {
        if (!whenUp() || nc.isClosed()) throw unavailable();
        const options = { reply: `${reply}.${token}` };
        nc.publish(subject, payload, headers ? { ...options, headers } : options);
      },
      beginRow: () => {
        if (!whenUp() || nc.isClosed()) throw unavailable();
        const row = beginRow(nc);
        return {
          publish: (subject, payload, token, headers) =>
            row.publish(subject, payload, `${reply}.${token}`, headers),
          end: row.end,
        };
      },
      close: goodbye => {
        all.delete(handlers);
        if (nc.isClosed()) return;
        if (goodbye !== undefined && whenUp()) nc.publish(goodbye, '');
        delivered.unsubscribe();
      },
    };
  }

  function lost(error: PackError): void {
    for (const { onLost } of all) onLost(error);
  }

  function deny({ operation, subject }: PermissionViolationError): void {
    if (operation === 'publish') for (const { onDenied } of all) onDenied?.(subject);
  }
}
