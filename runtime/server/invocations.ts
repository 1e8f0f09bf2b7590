import type { WrittenBy } from '../../contract/written-by.ts';
import type { Envelope } from '../core/envelope.ts';
import { isFailure } from '../core/envelope.ts';
import { DEFAULT_TIMEOUT_MS } from '../core/invoke.ts';
import type { Principal } from '../core/principal.ts';
import { createInvocationLog } from './log.ts';
import { readWithin } from './memory/reads.ts';
import type { ServerParts } from './options.ts';

/** Who calls, and for how long they wait. */
export interface Caller {
  invocationId: string;
  principal: Principal;
  /** Milliseconds; undefined: what the function allows. */
  timeoutMs?: number;
  /** Aborted when the caller is gone. */
  signal?: AbortSignal;
  /** Who the caller is now. Throws PackError UNAUTHENTICATED where its key was revoked or has expired. */
  renew?: () => Principal;
  /** What the caller says of itself. */
  by?: WrittenBy | undefined;
  /** `traceparent` of what calls. Default: the span under way. */
  trace?: string | undefined;
  /** Takes what lets the bytes of an answer go, once it is sent. Default: they are let go as it is there. */
  held?: (release: () => void) => void;
}

/** Calls functions, counting and logging each call. */
export interface Invocations {
  run(name: string, input: unknown, caller: Caller): Promise<Envelope>;
  /** Milliseconds a call of this function may take at most; undefined when there is no such function. */
  limitOf(name: string): number | undefined;
}

/** How long a call that reads waits for its part of the memory, in milliseconds. */
const MAX_WAIT_MS = 10_000;

/** Wraps invoke for this server. */
export function createInvocations(
  parts: Pick<ServerParts, 'invoke' | 'registry' | 'metrics' | 'log' | 'budget'>,
): Invocations {
  const { invoke, registry, metrics, log, budget } = parts;
  const readers = new Set(
    registry.list().flatMap(({ name, annotations }) => (annotations.readOnly ? [name] : [])),
  );
  const writeLine = createInvocationLog(log);
  const limits = new Map(registry.list().map(({ name }) => [name, limit(name)]));

  return { run, limitOf: name => limits.get(name) };

  /** Not async: one promise less for each of the many items of a batch. */
  function run(name: string, input: unknown, caller: Caller): Promise<Envelope> {
    metrics.started();
    const start = performance.now();
    const answered = readers.has(name)
      ? readWithin(budget, {
          name,
          timeoutMs: Math.min(caller.timeoutMs ?? MAX_WAIT_MS, MAX_WAIT_MS),
          held: caller.held,
          run: answerBytes => invoke(name, input, { ...caller, answerBytes }),
        })
      : invoke(name, input, caller);
    return answered.then(envelope => {
      ended(name, envelope, caller, performance.now() - start);
      return envelope;
    });
  }

  function ended(name: string, envelope: Envelope, { principal, invocationId }: Caller, ms: number): void {
    const code = isFailure(envelope) ? envelope.error.code : 'OK';
    // Names that exist only: a label for whatever callers make up would never end.
    metrics.ended(limits.has(name) ? name : 'unknown', code, ms);
    writeLine({
      function: name,
      status_code: envelope.status_code,
      code,
      ms: Math.round(ms * 1_000) / 1_000,
      key: principal.name,
      invocation_id: invocationId,
    });
  }

  function limit(name: string): number {
    return registry.get(name).definition.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  }
}
