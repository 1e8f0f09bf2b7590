import { type ErrorBody, KvflowError, unreachable } from './errors.ts';

/** How a client reaches its kvflow. */
export interface HttpOptions {
  /** Such as `http://127.0.0.1:4280`. */
  url: string;
  /** Sent as `Authorization: Bearer`. */
  apiKey?: string;
  /** In place of the global one. */
  fetch?: typeof globalThis.fetch;
  /** How long a call is waited for; milliseconds. Default 610,000, more than any function may take. */
  timeoutMs?: number;
  /** Ends everything that is under way, and each later call at once. */
  signal?: AbortSignal | undefined;
}

/** One request of a client. */
export interface HttpRequest {
  headers?: Record<string, string>;
  /** JSON. With one it is a POST. */
  body?: string;
  signal?: AbortSignal | undefined;
}

/** Sends requests; every answer that is no success throws KvflowError. */
export interface Http {
  /** What was answered, as it comes. */
  stream(path: string, request?: HttpRequest): Promise<Response>;
  /** What was answered, read within the time of a call. */
  json(path: string, request: HttpRequest): Promise<Record<string, unknown>>;
  /** Whether the client's own signal has ended it. */
  isEnded(): boolean;
}

const TIMEOUT_MS = 610_000;
/** Codes of Node where no connection came about. */
const NOT_SENT = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/;

/** Makes the sender of a client. */
export function createHttp(options: HttpOptions): Http {
  const { apiKey, fetch = globalThis.fetch, timeoutMs = TIMEOUT_MS } = options;
  const base = options.url.replace(/\/+$/, '');
  return {
    isEnded: () => options.signal?.aborted === true,
    stream: (path, request = {}) => send(path, request, read),
    json: async (path, request) => {
      const late = new AbortController();
      const timer = setTimeout(() => late.abort(new DOMException('', 'TimeoutError')), timeoutMs);
      // Node would stay for it.
      (timer as { unref?(): void }).unref?.();
      try {
        return await send(path, request, async answer => envelopeOf(await read(answer)), late.signal);
      } finally {
        clearTimeout(timer);
      }
    },
  };

  async function send<T>(
    path: string,
    { headers, body, signal }: HttpRequest,
    ...[take, late]: [take: (response: Response) => Promise<T>, late?: AbortSignal]
  ): Promise<T> {
    const signals = [options.signal, signal, late].filter(one => one !== undefined);
    const init: RequestInit = {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
        ...headers,
      },
      ...(body !== undefined && { body }),
      ...(signals.length > 0 && { signal: AbortSignal.any(signals) }),
    };
    try {
      return await take(await fetch(base + path, init));
    } catch (error) {
      if (error instanceof KvflowError) throw error;
      throw failed(error as Error, init.signal?.aborted === true);
    }
  }

  async function read(response: Response): Promise<Response> {
    if (response.ok) return response;
    const answer = (await response.json().catch(() => undefined)) as { error?: ErrorBody } | undefined;
    throw answer?.error ? new KvflowError(response.status, answer.error) : notKvflow(response);
  }

  async function envelopeOf(response: Response): Promise<Record<string, unknown>> {
    const answer: unknown = await response.json().catch((error: Error) => {
      // It was cut off, or ended.
      if (error.name !== 'SyntaxError') throw error;
    });
    if (typeof answer !== 'object' || answer === null) throw notKvflow(response);
    if ('data' in answer || 'items' in answer) return answer as Record<string, unknown>;
    throw notKvflow(response);
  }

  function notKvflow({ status }: Response): KvflowError {
    return unreachable(
      `${base} answered ${status}, but not as kvflow does. Set the URL that "kvflow start" prints.`,
    );
  }

  function failed(error: Error & { cause?: unknown }, isAborted: boolean): unknown {
    if (error.name === 'TimeoutError') {
      const message = `${base} has not answered within ${timeoutMs / 1000} s; whether the call had an effect is not known.`;
      return new KvflowError(504, { code: 'TIMEOUT', message, retryable: false });
    }
    if (isAborted) return error;
    const { message, code } = Object(error.cause ?? error) as { message?: string; code?: string };
    const text = `kvflow is not reachable at ${base || '(no URL)'}: ${message || code || error.message}. Start it with: kvflow start`;
    return unreachable(text, NOT_SENT.test(String(code)) ? { sent: false } : {});
  }
}

/** Waits, or until the signal ends it. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
    if (signal?.aborted) done();
  });
}
