import type { ErrorCode } from '../../contract/errors.ts';
import { ERRORS, PackError } from '../../contract/errors.ts';
import type { Remote, RemoteTarget } from '../core/remote.ts';
import type { GuardedFetch } from './guarded-fetch.ts';

interface Envelope {
  status_code: number;
  data?: unknown;
  error?: { code: string; message: string; retryable?: boolean };
}

/** What says that the other kvflow does not let this one in; our own caller has no fault in it. */
const REFUSED = new Set(['UNAUTHENTICATED', 'FORBIDDEN']);

/** Calls functions of other kvflows over HTTP, by a fetch that asks its guard. Redirects are not followed: the key is not theirs. */
export function createRemote({ fetch }: Pick<GuardedFetch, 'fetch'>): Remote {
  return async target => ({
    async call(name, input, { deadline, signal: gone }) {
      const origin = originOf(target.url);
      const timeout = AbortSignal.timeout(Math.max(0, deadline - Date.now()));
      const signal = gone ? AbortSignal.any([gone, timeout]) : timeout;
      const answer = await fetch(requestOf(target, name, input), signal);
      const envelope = read(answer.body);
      if (!envelope)
        throw new PackError('UNAVAILABLE', `${origin} answered ${answer.status}, and not as a kvflow does`);
      if (envelope.error) throw failed(origin, envelope.error);
      return envelope.data;
    },
    [Symbol.asyncDispose]: async () => undefined,
  });
}

function requestOf({ url, apiKey }: RemoteTarget, name: string, input: unknown) {
  const base = new URL(url);
  const path = `${base.pathname.replace(/\/+$/, '')}/functions/${encodeURIComponent(name)}/invocations`;
  const headers: [string, string][] = [['content-type', 'application/json']];
  if (apiKey !== undefined) headers.push(['authorization', `Bearer ${apiKey}`]);
  return {
    url: new URL(path, base.origin).href,
    method: 'POST',
    headers,
    body: JSON.stringify(input),
    redirect: 'error' as const,
  };
}

function originOf(url: string): string {
  if (!URL.canParse(url)) throw new PackError('INVALID_INPUT', 'the other kvflow has no URL');
  return new URL(url).origin;
}

function read(text: string | undefined): Envelope | undefined {
  try {
    const body = JSON.parse(text ?? '') as Envelope;
    return typeof body.status_code === 'number' ? body : undefined;
  } catch {
    return undefined;
  }
}

function failed(origin: string, { code, message, retryable }: NonNullable<Envelope['error']>): PackError {
  const told = `${origin} answered ${code}: ${message}`;
  if (REFUSED.has(code)) return new PackError('FORBIDDEN', told);
  const known = Object.hasOwn(ERRORS, code) ? (code as ErrorCode) : 'UNAVAILABLE';
  return new PackError(known, told, { retryable: retryable === true });
}
