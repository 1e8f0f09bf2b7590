import { parseExactNumbers } from '../../../contract/exact-number.ts';
import type { Contract } from '../../../contract/types.gen.ts';
import type { ErrorBody } from './api-error.ts';
import { ApiError } from './api-error.ts';
import { request } from './request.ts';

/** How a call is made. */
export interface InvokeOptions {
  signal?: AbortSignal | undefined;
  /** Makes the call happen once however often it is sent. */
  idempotencyKey?: string;
  /** Numbers of the answer keep their digits. */
  exact?: boolean;
}

type Pascal<Name extends string> = Name extends `${infer Head}-${infer Rest}`
  ? `${Capitalize<Head>}${Pascal<Rest>}`
  : Capitalize<Name>;
type Typed<Name extends string, Side extends string> = `${Pascal<Name>}${Side}` extends keyof Contract
  ? NonNullable<Contract[`${Pascal<Name>}${Side}`]>
  : unknown;

/** Input of a function, by its name: `InputOf<'kv-key-put'>`. */
export type InputOf<Name extends string> = Typed<Name, 'Input'>;
/** Output of a function, by its name. */
export type OutputOf<Name extends string> = Typed<Name, 'Output'>;

/** Calls a function and answers its data; throws ApiError. A name that is not of the contract takes and gives unknown. */
export async function invoke<const Name extends string>(
  name: Name,
  input: InputOf<Name>,
  options: InvokeOptions = {},
): Promise<OutputOf<Name>> {
  const { envelope } = await invokeEnvelope(name, JSON.stringify(input), options);
  return envelope.data as OutputOf<Name>;
}

/** The envelope of a call that worked, as it was answered, with its id and how long it took. Throws ApiError. */
export interface Answered {
  envelope: { status_code: number; data: unknown };
  invocationId: string | undefined;
  tookMs: number;
}

/** Calls a function with a text of JSON, and answers the whole envelope with the digits of its numbers, for pages that show it. */
export async function invokeText(name: string, body: string, options: InvokeOptions = {}): Promise<Answered> {
  return await invokeEnvelope(name, body, { ...options, exact: true });
}

async function invokeEnvelope(
  name: string,
  body: string,
  { signal, idempotencyKey, exact = false }: InvokeOptions,
): Promise<Answered> {
  const started = performance.now();
  const response = await request(`/functions/${encodeURIComponent(name)}/invocations`, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
    },
    signal,
  });
  const text = await response.text();
  const tookMs = performance.now() - started;
  const envelope = (exact ? parseExactNumbers(text) : JSON.parse(text)) as Answered['envelope'];
  return { envelope, invocationId: response.headers.get('x-invocation-id') ?? undefined, tookMs };
}

/** One call of a batch. */
export interface BatchItem {
  function: string;
  input: unknown;
}

/** Calls up to 1000 functions in one request; answers one result per call, in order, failures among them. */
export async function invokeBatch(
  items: readonly BatchItem[],
  { signal }: { signal?: AbortSignal } = {},
): Promise<({ data: unknown } | { error: ApiError })[]> {
  const response = await request('/invocations', {
    method: 'POST',
    body: JSON.stringify({ items }),
    headers: { 'content-type': 'application/json' },
    signal,
  });
  const answer = (await response.json()) as {
    items: { status_code: number; data?: unknown; error?: ErrorBody }[];
  };
  return answer.items.map(({ status_code, data, error }) =>
    error ? { error: new ApiError(error, { status: status_code }) } : { data },
  );
}
