import type { SpanAbout } from '../core/trace.ts';

/** The bucket of a subject is told, its key is not. */
const WRITE = /^(?:\$JS\.[^.]+\.API\.)?(\$KV\.[^.]+)\./;
const API = /^\$JS\.(?:[^.]+\.)?API\.((?:[A-Z]+\.)+[A-Z]+)(?:\.([^.]+))?/;

/** What a trace says of a request: what JetStream is asked to do, and with which stream. */
export function spanOf(subject: string): SpanAbout {
  const [, bucket] = WRITE.exec(subject) ?? [];
  if (bucket !== undefined) return span('publish', bucket);
  const [, operation = 'request', stream] = API.exec(subject) ?? [];
  return span(operation, stream ?? '');
}

function span(operation: string, destination: string): SpanAbout {
  const attributes = { 'messaging.system': 'nats', 'messaging.destination.name': destination };
  return { name: `nats ${operation}`, kind: 'client', attributes };
}
