import { headers } from '@nats-io/transport-node';
import { PackError } from '../../../contract/errors.ts';
import { parseExact, stringifyExact } from '../../../contract/exact-json.ts';
import { BY_HEADER, formatWrittenBy } from '../../../contract/written-by.ts';
import type { Envelope } from '../../core/envelope.ts';
import { failure, toPackError } from '../../core/envelope.ts';
import type { Invoke, InvokeOptions } from '../../core/invoke.ts';
import { DEFAULT_TIMEOUT_MS } from '../../core/invoke.ts';
import type { Registry } from '../../core/registry.ts';
import type { Requests } from '../requests.ts';
import { functionSubject, TIMEOUT_HEADER } from './subjects.ts';

/** What {@link createServiceClient} works with. */
export interface ServiceClientOptions {
  requests: Requests;
  /** Tells a function that does not exist from one that nobody serves. */
  registry: Registry;
}

/** The function's own answer to a deadline is worth waiting for: it knows what came of the call. */
const ANSWER_MS = 1_000;
const NO_RESPONDERS = 503;

/** Calls functions through whichever kvflow process of this NATS is free. */
export function createServiceClient({ requests, registry }: ServiceClientOptions): Invoke {
  return async (name, input, options = {}) => {
    let idempotent = false;
    try {
      const { spec, definition } = registry.get(name);
      idempotent = spec.annotations.idempotent;
      const timeoutMs = options.timeoutMs ?? definition.timeoutMs ?? DEFAULT_TIMEOUT_MS;
      return await ask(requests, name, { input, timeoutMs, options });
    } catch (thrown) {
      return failure(toPackError(translate(thrown)), idempotent);
    }
  };
}

interface Question {
  input: unknown;
  timeoutMs: number;
  options: InvokeOptions;
}

async function ask(
  requests: Requests,
  name: string,
  { input, timeoutMs, options }: Question,
): Promise<Envelope> {
  const said: [name: string, value: string][] = [];
  if (options.timeoutMs !== undefined) said.push([TIMEOUT_HEADER, String(options.timeoutMs)]);
  if (options.by) said.push([BY_HEADER, formatWrittenBy(options.by)]);
  const h = headers();
  for (const [header, value] of said) h.set(header, value);
  const call = { deadline: Date.now() + timeoutMs + ANSWER_MS };
  const payload = stringifyExact(input) ?? '';
  const msg = await requests.ask(call, functionSubject(name), payload, said.length > 0 ? { headers: h } : {});
  if (msg.headers?.code === NO_RESPONDERS) throw nobodyServes(name);
  return parseExact(msg.string()) as Envelope;
}

function nobodyServes(name: string): PackError {
  return new PackError(
    'UNAVAILABLE',
    `No kvflow serves ${functionSubject(name)} on this NATS. Start one with: kvflow start (KVFLOW_NATS_SERVICE must not be false).`,
  );
}

function translate(error: unknown): unknown {
  if ((error as Error | undefined)?.name !== 'InvalidArgumentError') return error;
  return new PackError(
    'PAYLOAD_TOO_LARGE',
    'The input is larger than a message of this NATS server may be (max_payload).',
    {
      cause: error,
    },
  );
}
