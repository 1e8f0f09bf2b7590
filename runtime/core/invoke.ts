import { ANY_CALL_ERRORS, PackError } from '../../contract/errors.ts';
import type { WrittenBy } from '../../contract/written-by.ts';

import { admit, readmitting } from './admit.ts';
import type { FunctionContext } from './define-function.ts';
import type { Envelope } from './envelope.ts';
import { failure, isFailure, success, toPackError } from './envelope.ts';
import { placedFaults } from './place-faults.ts';
import type { KvStore } from './ports/kv-store.ts';
import type { Principal } from './principal.ts';
import { EVERYTHING } from './principal.ts';
import type { Recognition } from './recognition-port.ts';
import { recordCall } from './record-call.ts';
import type { RegisteredFunction, Registry } from './registry.ts';
import type { Remote } from './remote.ts';
import { scopedKv } from './scoped-kv.ts';
import { scopedRecognition, scopedScripting } from './scoped-ports.ts';
import type { Scripting } from './scripts.ts';
import type { AdminLog } from './state/admin-log.ts';
import type { SpanAbout } from './trace.ts';
import { beginSpan, isTracing } from './trace.ts';

/** How one call is made; all of it optional. */
export interface InvokeOptions {
  principal?: Principal;
  /** Made by {@link nextInvocationId} when missing. */
  invocationId?: string;
  /** Milliseconds the caller is ready to wait; never more than the function allows. */
  timeoutMs?: number;
  /** Aborted when the caller is gone. */
  signal?: AbortSignal;
  /** `traceparent` of the caller's span. Default: the span under way. */
  trace?: string | undefined;
  /** Who the caller is now. Throws PackError UNAUTHENTICATED where its key was revoked or has expired. */
  renew?: () => Principal;
  /** What the caller says of itself; the name of its API key is added here. */
  by?: WrittenBy | undefined;
  /** Bytes of values that the call may answer at most. Default: 8 MiB. */
  answerBytes?: number;
}

/** Calls a function by name. Never throws: every outcome is an envelope. */
export type Invoke = (name: string, input: unknown, options?: InvokeOptions) => Promise<Envelope>;

/** What invoke works with. */
export interface InvokeDependencies {
  registry: Registry;
  kv: KvStore;
  /** Starts what runs users' scripts, or answers what was started. Without it such functions are UNSUPPORTED. */
  scripting?: () => Promise<Scripting>;
  /** Starts what recognizes users, or answers what was started. Without it such functions are UNSUPPORTED. */
  recognition?: () => Promise<Recognition>;
  /** Calls functions of other kvflows. Without it such functions are UNSUPPORTED. */
  remote?: Remote;
  /** Keeps administrative calls. Default: nothing does. */
  adminLog?: Pick<AdminLog, 'record'>;
  /** Told of each failure, before the caller is answered. */
  onError?(error: PackError, invocationId: string, name: string): void;
  /** Checks what functions answer, and the codes that they fail with, against their schemas: for tests. */
  validateOutput?: boolean;
}

/** What a call may take where its function says nothing else, in milliseconds. */
export const DEFAULT_TIMEOUT_MS = 10_000;

/** Makes the one invoke that every transport goes through: look up, authorize, validate, deadline, run, envelope. */
export function createInvoke(deps: InvokeDependencies): Invoke {
  const { remote = noRemote } = deps;
  const portsOf = createScopedPorts(deps);
  return (name, input, options = {}) => {
    const invocationId = options.invocationId ?? nextInvocationId();
    return (isTracing() ? callInSpan : call)(name, input, invocationId, options);
  };

  async function callInSpan(
    name: string,
    input: unknown,
    invocationId: string,
    options: InvokeOptions,
  ): Promise<Envelope> {
    const span = beginSpan(() => spanOf(deps.registry, name, invocationId), options.trace);
    if (!span) return await call(name, input, invocationId, options);
    const envelope = await span.run(() => call(name, input, invocationId, options));
    span.end(isFailure(envelope) ? envelope.error.code : undefined);
    return envelope;
  }

  async function call(
    name: string,
    input: unknown,
    invocationId: string,
    options: InvokeOptions,
  ): Promise<Envelope> {
    try {
      const output = await begin(name, input, invocationId, options);
      if (deps.validateOutput) assertOutput(deps.registry.get(name), output);
      return success(output);
    } catch (thrown) {
      const called = deps.registry.find(name);
      const found = deps.validateOutput ? declared(called, thrown) : toPackError(thrown);
      const error = called ? placedFaults(found, input, called.spec.input) : found;
      deps.onError?.(error, invocationId, name);
      return failure(error, called?.spec.annotations.idempotent);
    }
  }

  /** Everything up to where the function waits: what it needs of its own is let go by then. */
  function begin(
    name: string,
    input: unknown,
    invocationId: string,
    options: InvokeOptions,
  ): Promise<unknown> {
    const fn = deps.registry.get(name);
    const principal = options.principal ?? EVERYTHING;
    admit(fn, input, principal);
    const timeout = fn.definition.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const { signal, renew } = options;
    const { kv, scripting, recognition } = portsOf(principal);
    // A function that may wait long says so by a time of its own.
    const mayWait = fn.definition.timeoutMs !== undefined;
    const ctx = {
      deadline: Date.now() + Math.min(timeout, options.timeoutMs ?? timeout),
      kv,
      scripting,
      recognition,
      remote,
      principal,
      readmit: renew && mayWait ? readmitting(who => admit(fn, input, who), principal, renew) : nothing,
      invocationId,
      by: writerOf(principal, options.by),
      answerBytes: options.answerBytes,
    };
    return runIn(fn, input, signal ? { ...ctx, signal } : ctx);
  }

  function runIn(fn: RegisteredFunction, input: unknown, ctx: FunctionContext): Promise<unknown> {
    const { adminLog } = deps;
    return adminLog && fn.spec.admin ? runRecorded(adminLog, fn, { input, ctx }) : run(fn, input, ctx);
  }
}

/** What a function reaches the world through, made once for each principal. */
function createScopedPorts({
  kv,
  scripting = noScripting,
  recognition = noRecognition,
}: InvokeDependencies): (who: Principal) => Ports {
  const made = new WeakMap<Principal, Ports>();
  made.set(EVERYTHING, { kv, scripting, recognition });
  return who => {
    const before = made.get(who);
    if (before) return before;
    const ports = {
      kv: scopedKv(kv, who),
      scripting: async () => scopedScripting(await scripting(), who),
      recognition: async () => scopedRecognition(await recognition(), who),
    };
    made.set(who, ports);
    return ports;
  };
}

type Ports = Pick<FunctionContext, 'kv' | 'scripting' | 'recognition'>;

function nothing(): void {}

/** Names that callers make up are not told: spans are of few kinds. */
function spanOf(registry: Registry, name: string, invocationId: string): SpanAbout {
  const known = registry.find(name) ? name : 'unknown function';
  return { name: known, attributes: { 'kvflow.invocation_id': invocationId } };
}

/** A caller by its key, which is proven, and by what it says of itself. */
export function writerOf(principal: Principal, claim: WrittenBy | undefined): WrittenBy | undefined {
  if (principal === EVERYTHING || principal.keyless) return claim;
  return { ...claim, key: principal.name };
}

async function noScripting(): Promise<never> {
  throw new PackError('UNSUPPORTED', 'This kvflow runs no scripts. Call the function on a kvflow server.');
}

async function noRecognition(): Promise<never> {
  throw new PackError(
    'UNSUPPORTED',
    'This kvflow recognizes no users. Call the function on a kvflow server.',
  );
}

async function noRemote(): Promise<never> {
  throw new PackError('UNSUPPORTED', 'This kvflow calls no others. Call the function on a kvflow server.');
}

function run(fn: RegisteredFunction, input: unknown, ctx: FunctionContext): Promise<unknown> {
  // The schema that the input was just checked against is the one its type was generated from.
  return fn.definition.run(input as never, ctx);
}

function runRecorded(
  adminLog: Pick<AdminLog, 'record'>,
  fn: RegisteredFunction,
  { input, ctx }: { input: unknown; ctx: FunctionContext },
): Promise<unknown> {
  const { invocationId, by } = ctx;
  return recordCall(adminLog, { spec: fn.spec, input, invocationId, by }, () => run(fn, input, ctx));
}

function assertOutput(fn: RegisteredFunction, output: unknown): void {
  const faults = fn.validateOutput(output);
  if (faults.length === 0) return;
  const list = faults.map(fault => `${fault.pointer} ${fault.message}`).join('; ');
  throw new PackError('INTERNAL', `${fn.spec.name} answered what its output schema does not allow: ${list}`);
}

function declared(fn: RegisteredFunction | undefined, thrown: unknown): PackError {
  const error = toPackError(thrown);
  const codes: readonly string[] = [...ANY_CALL_ERRORS, ...(fn?.spec.errors ?? [])];
  if (!fn || codes.includes(error.code)) return error;
  const message = `${fn.spec.name} failed with ${error.code}, which its schema does not name: ${error.message}`;
  return new PackError('INTERNAL', message, { cause: error });
}

const ID_PREFIX = crypto.randomUUID().slice(0, 18);
let invocations = 0;

/** A short id, unique over processes: a random prefix made at start and a counter. */
export function nextInvocationId(): string {
  invocations += 1;
  return `${ID_PREFIX}-${invocations.toString(36).padStart(6, '0')}`;
}
