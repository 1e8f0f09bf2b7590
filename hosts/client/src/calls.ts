import { type ErrorBody, KvflowError, unreachable } from './errors.ts';
import { type Http, pause } from './http.ts';
import { createLane, fits, type Queued, wholeRoom } from './lane.ts';
import { isOvertaken, reachOf } from './reach.ts';

/** How calls are made. */
export interface CallOptions {
  /** Ends the call; it may have had its effect. */
  signal?: AbortSignal;
  /**
   * Makes the call happen once however often it is sent, for 24 hours. A call that is sent again by the client itself has one
   * made for it.
   */
  idempotencyKey?: string;
  /** What calls, which kvflow keeps with what is written: `host=cron; flow=nightly`, each value percent-encoded. */
  by?: string;
  /** The trace that the call belongs to, as W3C Trace Context has it. */
  traceparent?: string;
}

/** How all calls of a client are made. */
export interface CallsOptions {
  /** How often a call that failed for a reason that may pass is made again. */
  retries: number;
  /** Whether calls that are made together go together. */
  batch: boolean;
  /** Calls what sends those that were made, once they are. */
  gather: (send: () => void) => void;
  /** Ends all calls. */
  signal: AbortSignal | undefined;
}

interface Call extends Queued {
  name: string;
  /** The input as JSON, as it was when the call was made. */
  text: string;
  options: CallOptions;
  /** Which one it is, from the first on. */
  at: number;
  resolve(data: unknown): void;
  reject(error: unknown): void;
  /** It is over: its signal, which may outlive it by far, holds on to nothing of it. */
  leaveSignal(): void;
}

/** What became of a call; `isFinal`: it is not made again. */
interface Outcome {
  data?: unknown;
  error?: unknown;
  isFinal?: boolean;
}

const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 5_000;

type Lane = ReturnType<typeof createLane<Call>>;

/**
 * Makes what calls functions. Calls that are made together go together in one request. Writes of a key happen in the order in
 * which they were asked for: one whose key is being written waits, and goes with others that came meanwhile. A call that failed
 * for a reason that may pass is made again, `retries` times at most, with an idempotency key, so that it happens once.
 */
export function createCalls(http: Http, { retries, batch, gather, signal }: CallsOptions) {
  const lanes = new Map<string, Lane>();
  /** Those that wait for nothing. */
  let free: Call[] = [];
  let isCalled = false;
  let count = 0;
  return (name: string, input: unknown, options: CallOptions = {}): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const text = JSON.stringify(input ?? {});
      const { signal: own } = options;
      const alone = !batch || own !== undefined || options.idempotencyKey !== undefined;
      const abort = () => reject(own?.reason);
      own?.addEventListener('abort', abort);
      put({
        ...{ name, text, options, resolve, reject, at: count++, bytes: text.length },
        reach: reachOf(name, input),
        alone: alone || waits(input),
        leaveSignal: () => own?.removeEventListener('abort', abort),
      });
      callForAll();
    });

  function put(call: Call): void {
    const { bucket, reads } = call.reach;
    const known = bucket === undefined ? undefined : lanes.get(bucket);
    if (bucket === undefined || (reads && !known?.holds(call.reach))) return void free.push(call);
    const lane = known ?? createLane<Call>();
    if (!known) lanes.set(bucket, lane);
    lane.add(call);
  }

  function callForAll(): void {
    if (!isCalled) gather(sendAll);
    isCalled = true;
  }

  function sendAll(): void {
    isCalled = false;
    for (;;) {
      const room = wholeRoom();
      const cut = free.findIndex(call => !fits(call, room));
      const calls = cut < 0 ? free : free.slice(0, cut);
      free = cut < 0 ? [] : free.slice(cut);
      const taken = cut < 0 ? [...lanes.values()].flatMap(lane => lane.take(room)) : [];
      if (calls.length + taken.length === 0) return;
      const all = [...calls, ...taken].sort((one, other) => one.at - other.at);
      for (const call of all) if (call.alone) void sendAlone(call);
      const together = all.filter(call => !call.alone);
      if (together.length > 0) void sendTogether(together);
    }
  }

  async function sendAlone(call: Call): Promise<void> {
    end(call, await again(call, 0));
    callForAll();
  }

  async function sendTogether(calls: Call[]): Promise<void> {
    const outcomes = await outcomesOf(calls);
    const written = new Set(calls.map(({ reach }) => (reach.reads ? undefined : reach.bucket)));
    for (const bucket of written) if (bucket !== undefined) lanes.get(bucket)?.answered();
    for (const [at, call] of calls.entries()) {
      const outcome = outcomes[at] ?? { error: unreachable('kvflow answered fewer calls than were made.') };
      const later = calls.slice(at + 1).map(({ reach }) => reach);
      const mayRepeat = !outcome.isFinal && retries > 0 && isRepeatable(outcome.error, call.reach.reads);
      if (mayRepeat && !isOvertaken(call.reach, later)) void repeat(call, outcome.error);
      else end(call, outcome);
    }
    callForAll();
  }

  async function repeat(call: Call, error: unknown): Promise<void> {
    await pause(waitAfter(error, 0), call.options.signal ?? signal);
    end(call, await again(call, 1));
    callForAll();
  }

  /** What was sent once happens once: the first attempt needs no key. */
  async function outcomesOf(calls: Call[]): Promise<Outcome[]> {
    const [first] = calls;
    if (first && calls.length === 1) return [await once(first, undefined)];
    const body = `{"items":[${calls.map(itemOf).join(',')}]}`;
    const readsOnly = calls.every(({ reach }) => reach.reads);
    const key = { 'idempotency-key': crypto.randomUUID() };
    for (let attempt = 0; ; attempt++) {
      try {
        const headers = attempt > 0 ? key : {};
        const { items } = (await http.json('/invocations', { body, headers })) as { items: Answer[] };
        return items.map(({ status_code, data, error }) =>
          error ? { error: new KvflowError(status_code, error) } : { data },
        );
      } catch (error) {
        if (attempt >= retries || !isRepeatable(error, readsOnly || attempt > 0))
          return calls.map(() => ({ error, isFinal: true }));
        await pause(waitAfter(error, attempt), signal);
      }
    }
  }

  async function again(call: Call, from: number): Promise<Outcome> {
    const { reach, options } = call;
    const key = options.idempotencyKey ?? crypto.randomUUID();
    for (let attempt = from; ; attempt++) {
      const hasKey = !reach.reads || options.idempotencyKey !== undefined;
      const outcome = await once(call, hasKey ? key : undefined);
      if (attempt >= retries || !isRepeatable(outcome.error, reach.reads || hasKey)) return outcome;
      await pause(waitAfter(outcome.error, attempt), options.signal ?? signal);
    }
  }

  async function once({ name, text: body, options }: Call, key: string | undefined): Promise<Outcome> {
    const headers = {
      ...(key !== undefined && { 'idempotency-key': key }),
      ...(options.by !== undefined && { 'x-kvflow-by': options.by }),
      ...(options.traceparent !== undefined && { traceparent: options.traceparent }),
    };
    const path = `/functions/${encodeURIComponent(name)}/invocations`;
    try {
      return { data: (await http.json(path, { body, headers, signal: options.signal })).data };
    } catch (error) {
      return { error };
    }
  }

  function end(call: Call, { data, error }: Outcome): void {
    const { bucket } = call.reach;
    const lane = bucket === undefined ? undefined : lanes.get(bucket);
    call.leaveSignal();
    lane?.done(call);
    if (bucket !== undefined && lane?.isEmpty()) lanes.delete(bucket);
    if (error === undefined) call.resolve(data);
    else call.reject(error);
  }
}

/** Of a batch. */
interface Answer {
  status_code: number;
  data?: unknown;
  error?: ErrorBody;
}

/** As a part of a batch. */
function itemOf({ name, text, options: { by, traceparent } }: Call): string {
  const more = JSON.stringify({ by, traceparent }).slice(1, -1);
  return `{"function":${JSON.stringify(name)},"input":${text}${more && `,${more}`}}`;
}

/** A call that waits, for a change or for a lock, would hold up what goes with it. */
function waits(input: unknown): boolean {
  return Object.keys(Object(input)).some(name => /^(wait|wait_ms|timeout_ms)$/.test(name));
}

/**
 * Whether a call that failed may be made again. Where the answer was lost nobody knows whether it happened: it may be made again
 * if that changes nothing, with a key, or if it was never sent.
 */
function isRepeatable(error: unknown, changesNothing: boolean): boolean {
  if (!(error instanceof KvflowError && error.retryable)) return false;
  return error.code !== 'UNREACHABLE' || changesNothing || error.details.sent === false;
}

function waitAfter(error: unknown, attempt: number): number {
  const asked = error instanceof KvflowError ? Number(error.details.retry_after_ms) : Number.NaN;
  return asked > 0 ? asked : Math.min(FIRST_WAIT_MS * 2 ** attempt, LONGEST_WAIT_MS);
}
