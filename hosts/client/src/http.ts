import { type ErrorBody, KvflowError, unreachable } from './errors.ts';

/** How a client reaches its kvflow. */
export interface HttpOptions {
  /** Such as `http://127.0.0.1:4280`. */
  url: string;
  /** Sent as `Authorization: Bearer`. */
  apiKey?: string;
  /** In place of the global one. */
  fetch?: typeof globalThis.fetch;
}

/** One request of a client. */
export interface HttpRequest {
  method?: 'GET' | 'POST';
  headers?: Record<string, string>;
  body?: unknown;
  signal?: AbortSignal | undefined;
}

/** Sends requests; every answer that is no success throws KvflowError. */
export type Http = (path: string, request?: HttpRequest) => Promise<Response>;

/** Makes the sender of a client. */
export function createHttp({ url, apiKey, fetch = globalThis.fetch }: HttpOptions): Http {
  const base = url.replace(/\/+$/, '');
  return async (path, { method = 'GET', headers = {}, body, signal } = {}) => {
    const init: RequestInit = {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    };
    const response = await fetch(base + path, init).catch((error: Error) => {
      if (signal?.aborted) throw error;
      throw unreachable(
        `kvflow is not reachable at ${base}: ${(error.cause as Error | undefined)?.message ?? error.message}`,
      );
    });
    if (response.ok) return response;
    const answer = (await response.json().catch(() => undefined)) as { error?: ErrorBody } | undefined;
    if (answer?.error) throw new KvflowError(response.status, answer.error);
    throw unreachable(`Something between here and kvflow answered ${response.status}.`);
  };
}
