import type { ErrorCode } from '../../contract/errors.ts';
import { invalidField, PackError } from '../../contract/errors.ts';
import type { Call } from './call.ts';
import type { Envelope } from './envelope.ts';
import { isFailure } from './envelope.ts';
import type { IdempotencyRecord } from './idempotency-records.ts';
import { createIdempotencyRecords } from './idempotency-records.ts';
import type { KvStore } from './ports/kv-store.ts';
import type { Principal } from './principal.ts';
import { firstWithin } from './within-time.ts';

/** One call that carries an Idempotency-Key. */
export interface IdempotentCall {
  /** The caller's key, 1 to 255 printable characters. */
  key: string;
  principal: Principal;
  /** What is called, such as `kv-key-put`: the same key on another route is another call. */
  route: string;
  /** The parsed body; the same key with another body is refused. */
  body: unknown;
  /** Milliseconds the call may take at most. A runner that says nothing for longer than that is taken for dead. */
  timeoutMs: number;
}

/** What was answered, now or before. */
export interface IdempotentOutcome<T> {
  outcome: T;
  /** Whether this is what an earlier call with the same key was answered. */
  replayed: boolean;
}

/** Lets a call happen once however often it is sent, over any number of processes. */
export interface Idempotency {
  /**
   * Runs the call, or answers what it was answered before. `envelopesOf` names the envelopes in an outcome: one that
   * is worth trying again is not kept.
   * @throws PackError IDEMPOTENCY_MISMATCH, IDEMPOTENCY_IN_PROGRESS with `details.retry_after_ms`, INVALID_INPUT for
   * the key, or what the store throws: then nothing was run.
   */
  once<T>(
    call: IdempotentCall,
    run: () => Promise<T>,
    envelopesOf: (outcome: T) => Envelope[],
  ): Promise<IdempotentOutcome<T>>;
}

/** What {@link createIdempotency} works with. */
export interface IdempotencyOptions {
  kv: KvStore;
  /** Told when an outcome could not be kept; the caller is answered all the same. */
  onError?(error: unknown): void;
  /** Milliseconds added to a call's own time before another may take it over: clocks differ, answers travel. Default 5000. */
  graceMs?: number;
}

type Running = IdempotencyRecord & { state: 'running' };

/** How a call of ours ended, which is to be kept in place of our claim. */
interface End {
  id: string;
  /** Of our claim. */
  revision: number;
  fingerprint: string;
  outcome: unknown;
  keep: boolean;
}

const STORE_MS = 5_000;
/** How long a caller waits until its answer is kept; keeping it goes on until the lease ends, as nobody else may run the call before. */
const KEEP_WAIT_MS = 10_000;
const GRACE_MS = 5_000;
/** Refused before anything was done: the caller may mend the call and use its key again. */
const NOTHING_DONE: readonly ErrorCode[] = [
  'INVALID_INPUT',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'FUNCTION_NOT_FOUND',
];

/** Makes the idempotency of a server on top of its key-value store. */
export function createIdempotency({ kv, onError, graceMs = GRACE_MS }: IdempotencyOptions): Idempotency {
  const records = createIdempotencyRecords(kv);

  return {
    async once(call, run, envelopesOf) {
      const id = records.id(call.principal.name, call.route, checkKey(call.key));
      const fingerprint = records.fingerprint(call.body);
      const leaseMs = call.timeoutMs + graceMs;
      const lease = (await records.now(within(STORE_MS))) + leaseMs;
      const leased = within(leaseMs);
      const claim = await claimOrReplay(id, { state: 'running', fingerprint, lease }).catch(nothingRan);
      if ('outcome' in claim) return { outcome: claim.outcome as never, replayed: true };
      const outcome = await run();
      const end = { fingerprint, outcome, keep: worthKeeping(envelopesOf(outcome)) };
      await firstWithin(KEEP_WAIT_MS, [settle(leased, { id, revision: claim.revision, ...end })]);
      return { outcome, replayed: false };
    },
  };

  /** The revision of our own claim, or what was answered before. Ends: each turn follows a change by somebody else. */
  async function claimOrReplay(
    id: string,
    mine: Running,
  ): Promise<{ revision: number } | { outcome: unknown }> {
    const call = within(STORE_MS);
    let expected = 0;
    while (Date.now() < call.deadline) {
      const revision = await records.write(call, id, mine, expected);
      if (revision !== undefined) return { revision };
      const found = await records.read(call, id);
      const answer = found && (await judge(call, found.record, mine));
      if (answer) return answer;
      expected = found?.revision ?? 0;
    }
    throw new PackError('TIMEOUT', 'The record of this Idempotency-Key changed all the time.');
  }

  /** What a record of somebody else means for us; undefined: the call is free to be made. */
  async function judge(call: Call, theirs: IdempotencyRecord, mine: Running) {
    if (theirs.state === 'free') return undefined;
    if (theirs.fingerprint !== mine.fingerprint) throw mismatch();
    if (theirs.state === 'done') return { outcome: await records.outcome(call, theirs) };
    const wait = theirs.lease - (await records.now(call));
    if (wait > 0) throw inProgress(wait);
    return undefined;
  }

  async function settle(call: Call, { id, revision, keep, ...end }: End): Promise<void> {
    try {
      const record = keep ? await records.done(call, id, end) : ({ state: 'free' } as const);
      const written = await records.write(call, id, record, revision);
      if (written === undefined) throw new Error('another process took the call over before it ended');
    } catch (error) {
      onError?.(error);
    }
  }
}

/** A batch is kept as soon as one of its items did something. */
function worthKeeping(envelopes: Envelope[]): boolean {
  return envelopes.some(envelope => {
    return !isFailure(envelope) || !(envelope.error.retryable || NOTHING_DONE.includes(envelope.error.code));
  });
}

function checkKey(key: string): string {
  if (/^[\x20-\x7e]{1,255}$/.test(key)) return key;
  throw invalidField('', 'Idempotency-Key must have 1 to 255 printable ASCII characters, such as a UUID.');
}

function within(ms: number): Call {
  return { deadline: Date.now() + ms };
}

/** Whether a write of ours was stored is not known, but it was only the record: the call itself was not made. */
function nothingRan(error: unknown): never {
  if (!(error instanceof PackError && error.code === 'TIMEOUT')) throw error;
  throw new PackError(
    'UNAVAILABLE',
    'The Idempotency-Key could not be recorded in time; the call was not made. Repeat it.',
    {
      cause: error,
    },
  );
}

function mismatch(): PackError {
  return new PackError(
    'IDEMPOTENCY_MISMATCH',
    'This Idempotency-Key was used with another body; use a new key for a new call, or repeat the first body.',
  );
}

function inProgress(wait: number): PackError {
  return new PackError(
    'IDEMPOTENCY_IN_PROGRESS',
    'The call with this Idempotency-Key is still running; repeat it later for its answer.',
    { details: { retry_after_ms: Math.min(wait, 1_000) } },
  );
}
