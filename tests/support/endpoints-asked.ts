import type { TestKvflow } from './kvflow.ts';

/** Requests that a kvflow makes to an endpoint of the JetStream API from now on, such as `STREAM.CREATE`; the list grows. */
export function endpointsAsked({ nats }: TestKvflow, endpoint: string): string[] {
  const found: string[] = [];
  const { ask } = nats.requests;
  nats.requests.ask = (call, subject, payload, options) => {
    if (subject.startsWith(`$JS.API.${endpoint}.`)) found.push(subject);
    return ask(call, subject, payload, options);
  };
  return found;
}
