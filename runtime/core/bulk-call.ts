import { PackError } from '../../contract/errors.ts';
import type { Envelope } from './envelope.ts';
import { isFailure } from './envelope.ts';

/** Calls a function as the one who asked for the export or import. */
export type CallFunction = (name: string, input: unknown) => Promise<Envelope>;

/** The data of an envelope, or its error thrown with the place put before the message. */
export function must<T>(envelope: Envelope, place = ''): T {
  if (!isFailure(envelope)) return envelope.data as T;
  const { code, message, details, errors, retryable } = envelope.error;
  throw new PackError(code, place + message, {
    retryable,
    ...(details && { details }),
    ...(errors && { errors }),
  });
}
