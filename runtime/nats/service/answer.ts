import type { Msg } from '@nats-io/transport-node';
import { headers } from '@nats-io/transport-node';
import { PackError } from '../../../contract/errors.ts';
import { stringifyExact } from '../../../contract/exact-json.ts';
import { BY_HEADER, parseClaim } from '../../../contract/written-by.ts';
import type { Envelope, Failure } from '../../core/envelope.ts';
import { failure, isFailure, toPackError } from '../../core/envelope.ts';
import type { Invoke } from '../../core/invoke.ts';
import type { Principal } from '../../core/principal.ts';
import { readTraceparent } from '../../core/trace.ts';
import { readInput, readTimeout, requireRequest } from './read-request.ts';
import { ERROR_CODE_HEADER, ERROR_HEADER } from './subjects.ts';

/** A header is for people who look at messages as they pass; the body says everything. */
const LONGEST_HEADER = 500;
const TRACEPARENT = 'traceparent';

/** The API key that a request is made for. */
export interface KeyedCaller {
  /** Its rights as they are now. Throws PackError where there is none. */
  who(): Principal;
  /** Counts the call. Throws PackError RATE_LIMITED. */
  spend(principal: Principal, input: unknown): Promise<void> | undefined;
}

/** Runs one request and answers it; says what failed, if anything did. Never throws. */
export async function answer(
  invoke: Invoke,
  name: string,
  msg: Msg,
  caller?: KeyedCaller,
): Promise<string | undefined> {
  const envelope = await run(invoke, name, { msg, caller });
  try {
    respond(msg, envelope);
    return isFailure(envelope) ? summary(envelope) : undefined;
  } catch (error) {
    const refused = failure(notSent(error));
    tryToRespond(msg, refused);
    return summary(refused);
  }
}

interface Asked {
  msg: Msg;
  /** Undefined: NATS alone says who may call. */
  caller: KeyedCaller | undefined;
}

async function run(invoke: Invoke, name: string, { msg, caller }: Asked): Promise<Envelope> {
  try {
    requireRequest(msg);
    const timeoutMs = readTimeout(msg);
    const input = readInput(msg);
    const principal = caller?.who();
    if (principal) await caller?.spend(principal, input);
    const options = {
      by: parseClaim(msg.headers?.get(BY_HEADER)),
      trace: readTraceparent(msg.headers?.get(TRACEPARENT)),
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...(caller && principal && { principal, renew: caller.who }),
    };
    return await invoke(name, input, options);
  } catch (thrown) {
    return failure(toPackError(thrown));
  }
}

function respond(msg: Msg, envelope: Envelope): void {
  const body = stringifyExact(envelope);
  const trace = readTraceparent(msg.headers?.get(TRACEPARENT));
  if (!isFailure(envelope) && trace === undefined) return void msg.respond(body);
  const h = headers();
  // What a caller sends to find its trace again is answered to it.
  if (trace !== undefined) h.set(TRACEPARENT, trace);
  if (isFailure(envelope)) {
    h.set(ERROR_HEADER, summary(envelope));
    h.set(ERROR_CODE_HEADER, String(envelope.status_code));
  }
  msg.respond(body, { headers: h });
}

/** The connection may be gone by now; then nobody is there to be told. */
function tryToRespond(msg: Msg, envelope: Failure): void {
  try {
    respond(msg, envelope);
  } catch {
    // Nothing is left to do.
  }
}

/** One line: what else there may be in a message is no part of a header. */
function summary({ error }: Failure): string {
  return `${error.code}: ${error.message}`.replaceAll(/[\r\n]+/g, ' ').slice(0, LONGEST_HEADER);
}

function notSent(error: unknown): PackError {
  if ((error as Error).name !== 'InvalidArgumentError') return toPackError(error);
  return new PackError(
    'PAYLOAD_TOO_LARGE',
    'The answer is larger than a message of this NATS server may be (max_payload). Ask for less, such as with a smaller limit or include_values: false, or call over HTTP.',
    { cause: error },
  );
}
