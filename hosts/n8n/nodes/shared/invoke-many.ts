import type { IDataObject } from 'n8n-workflow';
import type { Caller, Envelope } from './invoke';
import { invoke, isBatch, request, unknownAnswer, writtenBy } from './invoke';

/** One call of a function. */
export interface FunctionCall {
  function: string;
  input: IDataObject;
}

/** A batch holds at most as many calls, and about as many bytes, as kvflow takes at once. */
const MAX_CALLS = 1_000;
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * Calls functions, by batches where that is one request instead of many; kvflow runs the calls on one key in their order.
 * Answers their envelopes, in order. Throws NodeApiError when no kvflow answered.
 */
export async function invokeMany(caller: Caller, calls: FunctionCall[]): Promise<Envelope[]> {
  const envelopes: Envelope[] = [];
  for (let begin = 0; begin < calls.length; ) {
    const batch = takeBatch(calls, begin);
    envelopes.push(...(await invokeBatch(caller, batch)));
    begin += batch.length;
  }
  return envelopes;
}

async function invokeBatch(caller: Caller, calls: FunctionCall[]): Promise<Envelope[]> {
  const [first] = calls;
  if (first && calls.length === 1) return [await invoke(caller, first.function, first.input)];
  const headers = { 'x-kvflow-by': writtenBy(caller) };
  const body = { items: calls } as unknown as IDataObject;
  const answer = await request(caller, '/invocations', { method: 'POST', headers, body, json: true });
  if (isBatch(answer)) return answer.items;
  // A batch that failed as a whole has failed for each of its calls.
  const failed = await envelopeOf(caller, answer);
  return calls.map(() => failed);
}

async function envelopeOf(caller: Caller, answer: unknown): Promise<Envelope> {
  if (typeof answer === 'object' && answer !== null && 'status_code' in answer) return answer as Envelope;
  throw await unknownAnswer(caller);
}

/** Calls that wait, for a change or for a lock, go alone. */
function takeBatch(calls: FunctionCall[], begin: number): FunctionCall[] {
  let end = begin;
  for (let bytes = 0; end < calls.length && end - begin < MAX_CALLS; end++) {
    const { input } = calls[end] as FunctionCall;
    bytes += JSON.stringify(input).length;
    const isAlone = Object.keys(input).some(name => /^(wait|wait_ms|timeout_ms)$/.test(name));
    if (end > begin && (bytes > MAX_BYTES || isAlone)) break;
    if (isAlone) return calls.slice(begin, end + 1);
  }
  return calls.slice(begin, end);
}
