import { InvalidArgumentError } from '@nats-io/transport-node';
import { PackError } from '../../contract/errors.ts';

/** Whether a request was sent whose answer can no longer come. */
export function isConnectionLost(error: unknown): boolean {
  return error instanceof PackError && error.details.connection_lost === true;
}

/** Whether nothing was answered in time, over a connection that stands; not what is known never to be found out. */
export function isLate(error: unknown): boolean {
  const isTimeout = error instanceof PackError && error.code === 'TIMEOUT' && error.retryable !== false;
  return isTimeout && !isConnectionLost(error);
}

/** Whether something was sent that is not answered, or not yet: of a write it is not known whether it was stored. */
export function isUnanswered(error: unknown): boolean {
  return isConnectionLost(error) || isLate(error);
}

/** Whether NATS is away, or nobody leads what was asked: nothing was done. */
export function isAway(error: unknown): boolean {
  return error instanceof PackError && error.code === 'UNAVAILABLE';
}

/** Whether asking again may help a read: nobody answered, or not in time. */
export function isPassing(error: unknown): boolean {
  return error instanceof PackError && (error.code === 'UNAVAILABLE' || error.code === 'TIMEOUT');
}

/** A read was not answered: nothing is left open. */
export function noAnswer(): PackError {
  return new PackError(
    'UNAVAILABLE',
    'NATS did not answer in time: it is overloaded, or what was asked for has no leader. Try again.',
  );
}

/** NATS refused to take the message. */
export function denied(operation: string, subject: string): PackError {
  const message = `NATS does not let kvflow ${operation} to "${subject}": give the user that it logs in with this permission. Nothing was written.`;
  return new PackError('FORBIDDEN', message, { details: { subject } });
}

/** NATS refused the subscription under which answers come; `then` says what that means for what was asked. */
export function notHeard(subject: string, then: string): PackError {
  const message = `NATS does not let kvflow subscribe to "${subject}", where its answers come: give the user that it logs in with the permission to subscribe to "_INBOX.>". ${then}`;
  return new PackError('FORBIDDEN', message, { details: { subject } });
}

/** The connection went while an answer was awaited; see {@link isConnectionLost}. */
export function connectionLost(): PackError {
  return new PackError(
    'TIMEOUT',
    'The connection to NATS was lost; whether a write was stored is not known.',
    {
      details: { connection_lost: true },
    },
  );
}

/** There is no connection: nothing was sent. */
export function unavailable(): PackError {
  return new PackError('UNAVAILABLE', 'NATS is out of reach; nothing was written. Try again.');
}

/** NATS does not take the login, or the file with it cannot be read: no call will work before somebody mends that. */
export function notLetIn(error: unknown): PackError {
  const reason = error instanceof Error ? error.message : String(error);
  const message = `kvflow cannot log in to NATS: ${reason}. Check the user, password, token, creds or nkey file of the connection; nothing was written.`;
  return new PackError('UNAVAILABLE', message, {
    retryable: false,
    details: { login_refused: true },
    cause: error,
  });
}

/** What was sent is not answered; of a write it is not known whether it was stored. See {@link isLate}. */
export function late(): PackError {
  return new PackError('TIMEOUT', 'NATS did not answer in time; whether a write was stored is not known.');
}

/** What the client says of a message that is larger, with its headers, than the server takes: VALUE_TOO_LARGE. Others as they are. */
export function asTooLarge(error: unknown): unknown {
  if (!(error instanceof InvalidArgumentError && error.message.includes('max_payload'))) return error;
  return new PackError(
    'VALUE_TOO_LARGE',
    'The value and what is sent with it are larger than a message of this NATS server may be. Store less, or raise max_payload of the NATS server.',
    { cause: error },
  );
}
