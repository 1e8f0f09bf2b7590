import { type ErrorBody, KvflowError, unreachable } from './errors.ts';
import type { Http } from './http.ts';
import { createLatestWrites } from './latest-writes.ts';

/** A call that waits for its batch. */
interface Waiting {
  function: string;
  input: unknown;
  resolve(data: unknown): void;
  reject(error: unknown): void;
}

/** How calls are made. */
export interface CallOptions {
  /** Ends the call; it may have had its effect. */
  signal?: AbortSignal;
  /**
   * Makes the call happen once however often it is sent, for 24 hours. A call that is sent again by the client itself has one
   * made for it.
   */
  idempotencyKey?: string;
}

/** kvflow takes at most this many calls at once. */
const MAX_BATCH = 1_000;
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 5_000;

/**
 * Makes what calls functions. Calls that are made in one tick go together in one request, in order for each key; a call that
 * failed for a reason that may pass is made again, `retries` times at most, with an idempotency key, so that it happens once; not
 * a write that would take back a later one of its key.
 */
export function createCalls(http: Http, { retries, batch }: { retries: number; batch: boolean }) {
  let waiting: Waiting[] = [];
  const follow = createLatestWrites();
  return async (name: string, input: unknown, options: CallOptions = {}): Promise<unknown> => {
    const write = follow(name, input);
    try {
      return await made(name, input, { options, mayRepeat: write.mayRepeat });
    } finally {
      write.done();
    }
  };

  async function made(
    name: string,
    input: unknown,
    { options, mayRepeat }: { options: CallOptions; mayRepeat(): boolean },
  ): Promise<unknown> {
    const isAlone = !batch || options.signal !== undefined || options.idempotencyKey !== undefined;
    const idempotencyKey = options.idempotencyKey ?? crypto.randomUUID();
    for (let attempt = 0; ; attempt++) {
      try {
        // The first attempt needs no key: what was sent once happens once.
        if (attempt === 0 && !isAlone) return await gathered(name, input);
        return await alone(name, input, { ...options, idempotencyKey });
      } catch (error) {
        if (!(error instanceof KvflowError && error.retryable) || attempt >= retries) throw error;
        // Of a call whose answer was lost nobody knows whether it happened: only with a key can it be made again.
        if (error.code === 'UNREACHABLE' && attempt === 0 && !isAlone) throw error;
        if (mayRepeat()) await pause(attempt, error);
        if (!mayRepeat()) throw error;
      }
    }
  }

  async function alone(
    name: string,
    input: unknown,
    { signal, idempotencyKey }: CallOptions,
  ): Promise<unknown> {
    const headers: Record<string, string> = idempotencyKey ? { 'idempotency-key': idempotencyKey } : {};
    const path = `/functions/${encodeURIComponent(name)}/invocations`;
    const response = await http(path, { method: 'POST', body: input, headers, signal });
    return ((await response.json()) as { data: unknown }).data;
  }

  function gathered(name: string, input: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (waiting.length === 0) queueMicrotask(sendAll);
      waiting.push({ function: name, input, resolve, reject });
    });
  }

  function sendAll(): void {
    const calls = waiting;
    waiting = [];
    for (let at = 0; at < calls.length; at += MAX_BATCH) void sendBatch(calls.slice(at, at + MAX_BATCH));
  }

  async function sendBatch(calls: Waiting[]): Promise<void> {
    const [first] = calls;
    try {
      if (calls.length === 1 && first) return first.resolve(await alone(first.function, first.input, {}));
      const items = calls.map(call => ({ function: call.function, input: call.input }));
      const response = await http('/invocations', { method: 'POST', body: { items } });
      const answer = (await response.json()) as {
        items: { status_code: number; data?: unknown; error?: ErrorBody }[];
      };
      for (const [index, call] of calls.entries()) {
        const envelope = answer.items[index];
        if (!envelope) call.reject(unreachable('kvflow answered fewer calls than were made.'));
        else if (envelope.error) call.reject(new KvflowError(envelope.status_code, envelope.error));
        else call.resolve(envelope.data);
      }
    } catch (error) {
      for (const call of calls) call.reject(error);
    }
  }
}

function pause(attempt: number, { details }: KvflowError): Promise<void> {
  const wait = Math.min(FIRST_WAIT_MS * 2 ** attempt, LONGEST_WAIT_MS);
  const asked = Number(details.retry_after_ms);
  return new Promise(resolve => setTimeout(resolve, Number.isFinite(asked) && asked > 0 ? asked : wait));
}
