import type { Msg } from '@nats-io/transport-node';
import type { ApiError } from '../../errors.ts';
import { isNoResponders } from '../../js-api.ts';

/** What a stream answers to a message. */
export interface Ack {
  seq: number;
  error?: ApiError;
}

/** Undefined where nothing was stored. */
export function ackOf(msg: Msg): Ack | undefined {
  if (isNoResponders(msg)) return undefined;
  const ack = msg.json<Ack>();
  return ack.error ? undefined : ack;
}

/** Whether the stream took the message to no avail: not where nobody leads it, or what answers is no stream. */
export function isRefusal(msg: Msg): boolean {
  if (isNoResponders(msg)) return false;
  try {
    return msg.json<Ack>().error !== undefined;
  } catch {
    return false;
  }
}
