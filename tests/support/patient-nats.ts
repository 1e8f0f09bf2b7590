import type { NatsConnection, NodeConnectionOptions } from '@nats-io/transport-node';
import { connect } from '@nats-io/transport-node';
import { PATIENCE } from './patience.ts';

/** How long an answer may take on a usual machine; a server that nobody listens to says so at once. Milliseconds. */
export const ANSWER_MS = 20_000;

/**
 * Connects the official client, whose requests wait a second for an answer where nothing is said: here {@link ANSWER_MS}. That, and
 * what a test says itself, grows with the machine.
 */
export async function connectPatiently(options: NodeConnectionOptions): Promise<NatsConnection> {
  const nc = await connect(options);
  const request = nc.request.bind(nc);
  nc.request = (subject, payload, more) =>
    request(subject, payload, { ...more, timeout: (more?.timeout ?? ANSWER_MS) * PATIENCE });
  return nc;
}
