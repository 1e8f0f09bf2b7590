import { PackError } from '../../../contract/errors.ts';
import { toPackError } from '../../core/envelope.ts';

/** The end of a pipe between two processes: `process` in a worker, the worker in its leader. */
export interface Port {
  send(message: unknown, onSent: (error: Error | null) => void): unknown;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'disconnect', listener: () => void): unknown;
}

/** What one side answers, by name. */
type Calls<T> = { [Name in keyof T]: (...args: never[]) => unknown };

/** Asks the other side. */
export interface Channel<Theirs> {
  /** Throws what the other side threw, as a PackError; UNAVAILABLE where it is gone or says nothing within `withinMs`. */
  ask<Name extends keyof Theirs & string>(
    name: Name,
    args: Theirs[Name] extends (...args: infer Args) => unknown ? Args : never,
    withinMs?: number,
  ): Promise<Theirs[Name] extends (...args: never[]) => infer Result ? Awaited<Result> : never>;
}

type Message =
  | { kind: 'ask'; id: number; name: string; args: never[] }
  | { kind: 'answer'; id: number; value: unknown }
  | { kind: 'failed'; id: number; error: SentError };

type SentError = Pick<PackError, 'message' | 'details' | 'retryable'> & { code: PackError['code'] };

const WITHIN_MS = 10_000;

/**
 * Questions and answers of two processes of one kvflow, both ways, over the pipe that Node opens between them. What our side throws
 * that is no PackError is told `onFault` and becomes an INTERNAL that says nothing of its cause, for who asks may answer a caller
 * with it; without `onFault` the other side is told it, to log it.
 */
export function createChannel<Ours extends Calls<Ours>, Theirs extends Calls<Theirs>>(
  port: Port,
  ours: Ours,
  onFault?: (cause: unknown, name: string) => void,
): Channel<Theirs> {
  const asked = new Map<number, PromiseWithResolvers<never>>();
  let last = 0;
  port.on('message', message => void receive(message as Message));
  port.on('disconnect', () => {
    for (const [id] of asked) settle(id, ({ reject }) => reject(gone()));
  });
  return { ask };

  async function ask(name: string, args: unknown[], withinMs = WITHIN_MS): Promise<never> {
    const id = ++last;
    const answer = Promise.withResolvers<never>();
    asked.set(id, answer);
    const timer = setTimeout(() => settle(id, ({ reject }) => reject(silent(name, withinMs))), withinMs);
    send({ kind: 'ask', id, name, args: args as never[] });
    return await answer.promise.finally(() => clearTimeout(timer));
  }

  async function receive(message: Message): Promise<void> {
    const { id } = message;
    if (message.kind === 'answer') return settle(id, ({ resolve }) => resolve(message.value as never));
    if (message.kind === 'failed') return settle(id, ({ reject }) => reject(received(message.error)));
    try {
      const call = ours[message.name as keyof Ours] as (...args: never[]) => unknown;
      send({ kind: 'answer', id, value: await call(...message.args) });
    } catch (error) {
      if (onFault && !(error instanceof PackError)) onFault(error, message.name);
      send({ kind: 'failed', id, error: sent(onFault ? toPackError(error) : error) });
    }
  }

  function settle(id: number, how: (answer: PromiseWithResolvers<never>) => void): void {
    const answer = asked.get(id);
    asked.delete(id);
    if (answer) how(answer);
  }

  function send(message: Message): void {
    const onSent = (error: Error | null): void => {
      if (error && message.kind === 'ask') settle(message.id, ({ reject }) => reject(gone()));
    };
    try {
      port.send(message, onSent);
    } catch (error) {
      onSent(error as Error);
    }
  }
}

function sent(error: unknown): SentError {
  if (!(error instanceof PackError))
    return { code: 'INTERNAL', message: String(error), details: {}, retryable: undefined };
  const { code, message, details, retryable } = error;
  return { code, message, details, retryable };
}

function received({ code, message, details, retryable }: SentError): PackError {
  return new PackError(code, message, { details, ...(retryable !== undefined && { retryable }) });
}

function gone(): PackError {
  return new PackError('UNAVAILABLE', 'Another process of this kvflow ended; it is started again.');
}

function silent(name: string, ms: number): PackError {
  return new PackError(
    'UNAVAILABLE',
    `Another process of this kvflow did not answer "${name}" within ${ms} ms.`,
  );
}
