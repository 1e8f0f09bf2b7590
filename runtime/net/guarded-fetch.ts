import { isUtf8 } from 'node:buffer';
import http from 'node:http';
import https from 'node:https';
import { PackError } from '../../contract/errors.ts';
import type { ScriptFetch, ScriptFetchRequest, ScriptFetchResponse } from '../core/scripts.ts';
import type { Admitted, Guard } from './guard.ts';

/** What one fetch may take. */
export interface FetchLimits {
  /** Bytes of an answer. */
  maxBytes: number;
  /** Milliseconds for all of it: looking up, connecting, redirects, the answer. */
  timeoutMs: number;
}

/** Fetches for others, to where its guard lets it. */
export interface GuardedFetch {
  fetch: ScriptFetch;
  /** Closes the connections that are kept. */
  close(): void;
}

const MAX_REDIRECTS = 5;
const PORTS: Record<string, number> = { 'http:': 80, 'https:': 443 };
/** Said by the connection itself, or about the hop and not the message. */
const NOT_SENT =
  /^(host|connection|content-length|transfer-encoding|upgrade|te|trailer|expect|keep-alive|proxy-.*|accept-encoding)$/i;
/** What must not go along to another origin. */
const PRIVATE = /^(authorization|cookie|proxy-authorization)$/i;
const KEPT_SOCKETS = 32;

/**
 * Every hop of a fetch, redirects too, is asked of the guard, and the connection is made to the very addresses that the
 * guard has checked. Throws FORBIDDEN, TIMEOUT, PAYLOAD_TOO_LARGE, UNAVAILABLE or INVALID_INPUT, each with a message for
 * the author of the script.
 */
export function createGuardedFetch(guard: Guard, limits: FetchLimits): GuardedFetch {
  const kept = { keepAlive: true, maxFreeSockets: KEPT_SOCKETS, timeout: 30_000 };
  const agents = { 'http:': new http.Agent(kept), 'https:': new https.Agent(kept) };

  const hop = async (request: ScriptFetchRequest, signal: AbortSignal): Promise<Answer> => {
    const url = parseUrl(request.url);
    const usualPort = PORTS[url.protocol] ?? 0;
    const port = url.port === '' ? usualPort : Number(url.port);
    const admitted = await abortable(guard.admit({ hostname: url.hostname, port, usualPort }), signal);
    return await send(request, { url, port, admitted, signal, maxBytes: limits.maxBytes, agents });
  };

  const follow = async (first: ScriptFetchRequest, signal: AbortSignal): Promise<ScriptFetchResponse> => {
    let request = first;
    for (let redirects = 0; ; redirects++) {
      const answer = await hop(request, signal);
      const next = redirectOf(request, answer);
      if (!next || first.redirect === 'manual') return toResponse(answer, request.url, redirects > 0);
      if (first.redirect === 'error')
        throw new PackError('UNAVAILABLE', `${request.url} answers with a redirect`);
      if (redirects >= MAX_REDIRECTS)
        throw new PackError('UNAVAILABLE', `more than ${MAX_REDIRECTS} redirects`);
      request = next;
    }
  };

  return {
    async fetch(request, callSignal) {
      const signal = AbortSignal.any([callSignal, AbortSignal.timeout(limits.timeoutMs)]);
      try {
        return await follow(request, signal);
      } catch (error) {
        if (signal.aborted && !callSignal.aborted)
          throw new PackError('TIMEOUT', `no answer within ${limits.timeoutMs} ms`, { cause: error });
        throw error instanceof PackError ? error : unavailable(error);
      }
    },
    close() {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

interface Answer {
  status: number;
  statusText: string;
  headers: [string, string][];
  body: Buffer;
}

interface Hop {
  url: URL;
  port: number;
  admitted: Admitted[];
  signal: AbortSignal;
  maxBytes: number;
  agents: { 'http:': http.Agent; 'https:': https.Agent };
}

function parseUrl(text: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new PackError('INVALID_INPUT', `${text.slice(0, 200)} is no URL`);
  }
  if (!(url.protocol in PORTS)) throw new PackError('FORBIDDEN', `only http and https, not ${url.protocol}`);
  if (url.username !== '' || url.password !== '')
    throw new PackError('FORBIDDEN', 'user and password in a URL; send a header in their place');
  return url;
}

/** One request on one connection. */
function send(request: ScriptFetchRequest, hop: Hop): Promise<Answer> {
  const { url, admitted, signal } = hop;
  const isTls = url.protocol === 'https:';
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const body = bodyOf(request);
  const options: https.RequestOptions = {
    method: request.method,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: hop.port,
    path: `${url.pathname}${url.search}`,
    headers: headersOf(request, body),
    signal,
    agent: hop.agents[isTls ? 'https:' : 'http:'],
    // Asked by the socket where the host is a name: it gets what was checked, and nobody is asked again.
    lookup: (_hostname, { all }, callback) => {
      const [first] = admitted;
      if (all) callback(null, admitted);
      else callback(null, first?.address ?? '', first?.family);
    },
  };
  const sent = (isTls ? https : http).request(options, response => {
    collect(response, hop.maxBytes).then(bytes => resolve(toAnswer(response, bytes)), reject);
  });
  sent.on('error', reject);
  sent.end(body);
  return promise;
}

function toAnswer(response: http.IncomingMessage, body: Buffer): Answer {
  const { rawHeaders } = response;
  const headers: [string, string][] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2)
    headers.push([String(rawHeaders[at]).toLowerCase(), String(rawHeaders[at + 1])]);
  return { status: response.statusCode ?? 0, statusText: response.statusMessage ?? '', headers, body };
}

async function collect(response: http.IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) {
      response.destroy();
      throw new PackError('PAYLOAD_TOO_LARGE', `the answer is larger than ${maxBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function bodyOf({ body, body64 }: ScriptFetchRequest): Buffer | undefined {
  if (body !== undefined) return Buffer.from(body);
  return body64 === undefined ? undefined : Buffer.from(body64, 'base64');
}

function headersOf(request: ScriptFetchRequest, body: Buffer | undefined): http.OutgoingHttpHeaders {
  const headers: Record<string, string> = { 'user-agent': 'kvflow' };
  for (const [name, value] of request.headers) if (!NOT_SENT.test(name)) headers[name.toLowerCase()] = value;
  return {
    ...headers,
    'accept-encoding': 'identity',
    ...(body && { 'content-length': String(body.length) }),
  };
}

/** Where an answer leads to, as browsers follow it; undefined where it is the last. */
function redirectOf(
  request: ScriptFetchRequest,
  { status, headers }: Answer,
): ScriptFetchRequest | undefined {
  const location = headers.find(([name]) => name === 'location')?.[1];
  if (location === undefined || ![301, 302, 303, 307, 308].includes(status)) return undefined;
  if (!URL.canParse(location, request.url))
    throw new PackError('UNAVAILABLE', 'a redirect to what is no URL');
  const url = new URL(location, request.url);
  const isSame = url.origin === new URL(request.url).origin;
  const becomesGet =
    (status === 303 && request.method !== 'HEAD') || (status < 303 && request.method === 'POST');
  const { body: _body, body64: _body64, ...rest } = request;
  return {
    ...(becomesGet ? rest : request),
    url: url.href,
    method: becomesGet ? 'GET' : request.method,
    headers: request.headers.filter(
      ([name]) => (isSame || !PRIVATE.test(name)) && !(becomesGet && /^content-/i.test(name)),
    ),
  };
}

function toResponse({ body, ...answer }: Answer, url: string, redirected: boolean): ScriptFetchResponse {
  const asText = isUtf8(body) ? { body: body.toString('utf8') } : { body64: body.toString('base64') };
  return { ...answer, url, redirected, ...asText };
}

/** Ends the wait for what cannot be ended itself. */
function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  return Promise.race([work, promise]).finally(() => signal.removeEventListener('abort', abort));
}

/** What the system says of it, without anything of kvflow's own. */
function unavailable(cause: unknown): PackError {
  const { code } = cause as { code?: unknown };
  return new PackError('UNAVAILABLE', `the request failed${typeof code === 'string' ? `: ${code}` : ''}`, {
    cause,
  });
}
