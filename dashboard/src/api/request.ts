import { BY_HEADER } from '../../../contract/written-by.ts';
import type { ErrorBody } from './api-error.ts';
import { ApiError, UNREACHABLE } from './api-error.ts';
import { reportTrouble } from './health.ts';
import { authorization, refuse, session } from './session.ts';

/** What a request may set. */
export interface RequestOptions {
  method?: 'GET' | 'POST' | 'PUT';
  body?: NonNullable<RequestInit['body']>;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
}

/** A request with the API key. Answers a response that is fine; throws ApiError for every other. */
export async function request(path: string, options: RequestOptions = {}): Promise<Response> {
  const { key, logIns } = session.get();
  const response = await send(path, options);
  if (response.ok) return response;
  const error = await errorOf(response);
  // An answer to a key that was replaced or entered again meanwhile says nothing of now.
  const isNow = session.get().key === key && session.get().logIns === logIns;
  if (error.code === 'UNAUTHENTICATED' && isNow) refuse(error.message);
  if (error.code === 'UNAVAILABLE') reportTrouble();
  throw error;
}

/** JSON of a request; the types are the server's promise. */
export async function requestJson<T>(path: string, options: RequestOptions = {}): Promise<T> {
  return (await (await request(path, options)).json()) as T;
}

async function send(path: string, { headers, ...options }: RequestOptions): Promise<Response> {
  try {
    return await fetch(path, {
      ...options,
      headers: { [BY_HEADER]: 'host=dashboard', ...authorization(), ...headers },
      credentials: 'omit',
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    reportTrouble();
    throw unreachable();
  }
}

async function errorOf(response: Response): Promise<ApiError> {
  const invocationId = response.headers.get('x-invocation-id') ?? undefined;
  const body = (await response.json().catch(() => undefined)) as { error?: ErrorBody } | undefined;
  if (body?.error) return new ApiError(body.error, { status: response.status, invocationId });
  const message = `Something between here and kvflow answered ${response.status} ${response.statusText}.`;
  return new ApiError({ code: UNREACHABLE, message, retryable: true }, { status: response.status });
}

function unreachable(): ApiError {
  const message =
    'kvflow does not answer. It may be starting again; see whether it runs where you started it.';
  return new ApiError({ code: UNREACHABLE, message, retryable: true }, { status: 0 });
}
