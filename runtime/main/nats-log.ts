import type { NatsLog } from '../nats/open.ts';
import type { ServerLog } from '../nats/server/supervise.ts';

/** A log as NATS and the sandbox write to it: lines alone. */
export function toNatsLog(log: ServerLog): NatsLog {
  return { info: message => log.info({}, message), warn: message => log.warn({}, message) };
}
