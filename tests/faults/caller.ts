import { ERRORS } from '../../contract/errors.ts';
import type { Envelope } from '../../runtime/core/envelope.ts';
import { isFailure } from '../../runtime/core/envelope.ts';
import type { Outcome } from './observed.ts';

/** How a call ended, as its caller knows. */
export interface Ending {
  outcome: Outcome;
  /** Of an acknowledged call. */
  data: Record<string, unknown>;
  /** Of any other: kvflow's code and words, or that the connection broke. */
  code: string;
  message?: string;
  began: number;
  ended: number;
}

/** A call that took long, and what it was answered where it failed; times in milliseconds since 1970. */
export interface SlowCall {
  name: string;
  began: number;
  ended: number;
  answer: string;
}

/** Calls functions of several kvflows over HTTP, one after the other in turn, and keeps count. */
export interface Caller {
  call(name: string, input: object, at?: number): Promise<Ending>;
  readonly counts: { operations: number; acked: number; unknown: number; slowestMs: number; slowest: string };
  /** Calls that took longer than a second. */
  readonly slow: SlowCall[];
  readonly untrue: string[];
  /** When a write was last refused or left open, and when one was first acknowledged after that; milliseconds since 1970. */
  readonly writes: { lastFault: number; firstAfter: number };
}

/** What kvflow gets for a call, and what its caller waits for a kvflow that hangs. */
const [TIMEOUT_MS, PATIENCE_MS] = [12_000, 15_000];
/** Codes of calls that did nothing, or cannot have: asking again is right. */
const REFUSED = new Set(['UNAVAILABLE', 'RATE_LIMITED']);

/** Makes the caller of kvflows; an answer of a domain, such as REVISION_CONFLICT, is `refused` with its code. */
export function createCaller(urls: readonly string[]): Caller {
  const counts = { operations: 0, acked: 0, unknown: 0, slowestMs: 0, slowest: '' };
  const writes = { lastFault: 0, firstAfter: 0 };
  const untrue: string[] = [];
  const slow: SlowCall[] = [];
  let turn = 0;
  return { call, counts, slow, untrue, writes };

  async function call(name: string, input: object, at = turn++): Promise<Ending> {
    const began = Date.now();
    const ending = await send(`${urls[at % urls.length]}/functions/${name}/invocations`, input);
    const ended = Date.now();
    counts.operations += 1;
    if (ending.outcome === 'acked') counts.acked += 1;
    if (ending.outcome === 'unknown') counts.unknown += 1;
    if (ended - began > counts.slowestMs) {
      Object.assign(counts, { slowestMs: ended - began, slowest: `${name} ${ending.code}`.trim() });
    }
    if (ended - began > 1_000)
      slow.push({ name, began, ended, answer: `${ending.code} ${ending.message ?? ''}`.trim() });
    if (name === 'kv-key-put') note(ending, ended);
    return { ...ending, began, ended };
  }

  function note({ outcome, code }: Pick<Ending, 'outcome' | 'code'>, ended: number): void {
    if (outcome === 'acked' && writes.firstAfter < writes.lastFault) writes.firstAfter = ended;
    if (outcome === 'unknown' || REFUSED.has(code)) writes.lastFault = ended;
  }

  async function send(url: string, input: object): Promise<Omit<Ending, 'began' | 'ended'>> {
    let envelope: Envelope;
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-timeout-ms': String(TIMEOUT_MS) },
        body: JSON.stringify(input),
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      envelope = (await response.json()) as Envelope;
    } catch (error) {
      const refused = /ECONNREFUSED/.test(String((error as Error).cause));
      return { outcome: refused ? 'refused' : 'unknown', data: {}, code: refused ? 'UNAVAILABLE' : 'broken' };
    }
    if (!isFailure(envelope))
      return { outcome: 'acked', data: envelope.data as Record<string, unknown>, code: '' };
    const { code, retryable, message } = envelope.error;
    const isTrue = code === 'TIMEOUT' || (code in ERRORS && retryable === ERRORS[code].retryable);
    if (!isTrue || code === 'INTERNAL') untrue.push(`${code} with retryable ${retryable}: ${message}`);
    return { outcome: code === 'TIMEOUT' ? 'unknown' : 'refused', data: {}, code, message };
  }
}
