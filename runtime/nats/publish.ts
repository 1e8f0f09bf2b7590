import type { NatsConnection } from '@nats-io/transport-node';
import type { Message } from './pending-requests.ts';
import { asTooLarge } from './request-errors.ts';

/** Sends the messages of a request. The first and the last of several are answered. */
export function publish(nc: NatsConnection, messages: readonly Message[], reply: string): void {
  for (const message of messages) {
    const { subject, payload, headers } = message;
    const isAnswered = message === messages[0] || message === messages.at(-1);
    try {
      if (isAnswered) nc.publish(subject, payload, headers ? { reply, headers } : { reply });
      else nc.publish(subject, payload, headers && { headers });
    } catch (error) {
      throw asTooLarge(error);
    }
  }
}
