import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { invalidField, PackError } from '../../contract/errors.ts';
import type { Principal } from '../core/principal.ts';
import { EVERYTHING } from '../core/principal.ts';
import type { SpanAbout } from '../core/trace.ts';
import { beginSpan, currentTrace, readTraceparent } from '../core/trace.ts';
import { createCors } from './cors.ts';
import { isLoopbackAuthority, isLoopbackOrigin, targetAuthority } from './loopback.ts';
import { reserveBody } from './memory/bodies.ts';
import type { ServerParts } from './options.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who calls; set before any handler runs. */
    principal: Principal;
    /** Of a request with a ticket: says who calls once that is known, and throws FORBIDDEN where the page may not. */
    admitPage: ((principal: Principal) => void) | null;
  }
  interface FastifyContextConfig {
    /** Served without an API key: liveness, and pages that hold no data. */
    open?: boolean;
    /** The query may have a `ticket` in place of a key, which the handler takes. */
    ticket?: boolean;
  }
}

/**
 * Who a request's caller is, whenever it is asked; keeps nothing else of the request. Throws PackError UNAUTHENTICATED where its
 * key was revoked or has expired.
 */
export function currentPrincipal(
  { headers: { authorization } }: FastifyRequest,
  access: ServerParts['access'],
): () => Principal {
  return () => (access.required() ? access.authenticate(authorization) : EVERYTHING);
}

/** A key that is sent counts: the ticket is left unused. */
function hasTicket({ headers, query }: FastifyRequest): boolean {
  return headers.authorization === undefined && (query as { ticket?: unknown }).ticket !== undefined;
}

/** Who asks for an open page without a key. */
const NOBODY: Principal = { name: 'nobody', functions: [], buckets: [], readOnly: true };

/** Says on every request who calls, before its body is read; gives every answer its id. */
export function guard(
  app: FastifyInstance,
  {
    access,
    budget,
    corsOrigins = [],
    draining,
  }: Pick<ServerParts, 'access' | 'budget' | 'corsOrigins' | 'draining'>,
): void {
  const cors = createCors(corsOrigins, access);
  app.decorateRequest('principal', null as never);
  app.decorateRequest('admitPage', null);
  app.decorateRequest('lease', null);
  app.addHook('onRequest', (request: FastifyRequest, reply: FastifyReply, next: (error?: Error) => void) => {
    reply.header('x-invocation-id', request.id);
    if (draining()) reply.header('connection', 'close');
    if (cors.begin(request, reply)) return;
    // What a caller sends to find its trace again is answered to it.
    const trace = readTraceparent(request.headers.traceparent);
    if (trace !== undefined) reply.header('traceparent', trace);
    try {
      admit(request);
      if (request.routeOptions.config.ticket && hasTicket(request)) {
        request.admitPage = principal => {
          request.principal = principal;
          cors.admit(request, reply);
        };
      } else cors.admit(request, reply);
      reserveBody(budget, request, reply);
    } catch (error) {
      return next(error as Error);
    }
    const span = beginSpan(() => spanOf(request), trace);
    if (!span) return next();
    reply.raw.once('close', () => span.end(reply.statusCode >= 500 ? String(reply.statusCode) : undefined));
    span.run(() => {
      reply.header('traceparent', currentTrace());
      next();
    });
  });

  function admit(request: FastifyRequest): void {
    requireOneHost(request.raw);
    requireKnownHeaders(request.headers);
    if (!access.required()) {
      const { host, origin } = request.headers;
      requireLoopback({ host: targetAuthority(request.raw.url, host), origin });
      request.principal = EVERYTHING;
    } else {
      const { open: isOpen, ticket } = request.routeOptions.config;
      const open = isOpen || (ticket && hasTicket(request));
      request.principal = open ? NOBODY : access.authenticate(request.headers.authorization);
    }
  }
}

/** By its route, not by its address: spans are of few kinds. */
function spanOf({ method, routeOptions }: FastifyRequest): SpanAbout {
  const route = routeOptions.url ?? 'unknown';
  const attributes = { 'http.request.method': method, 'http.route': route };
  return { name: `${method} ${route}`, kind: 'server', attributes };
}

/** Proxies and servers differ in which of two counts, so neither does; HTTP/1.1 has one (RFC 9112, 3.2). */
function requireOneHost({ rawHeaders, httpVersion }: IncomingMessage): void {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 4 && name.toLowerCase() === 'host') count += 1;
  }
  if (count > 1) throw invalidField('', 'The request has more than one Host header; send one.');
  if (count === 0 && httpVersion === '1.1')
    throw invalidField('', 'The request has no Host header, which HTTP/1.1 takes; send one.');
}

/** What a client expects, or has packed its message with, is not passed over (RFC 9110, 10.1.1; RFC 9112, 6.1). */
function requireKnownHeaders({ expect, 'transfer-encoding': coding }: IncomingHttpHeaders): void {
  if (expect !== undefined && expect.trim().toLowerCase() !== '100-continue')
    throw invalidField(
      '',
      `The server does not know what "Expect: ${expect}" asks for; it knows 100-continue.`,
    );
  if (coding !== undefined && coding.trim().toLowerCase() !== 'chunked')
    throw new PackError('UNSUPPORTED', `The server takes transfer-encoding: chunked, and not "${coding}".`);
}

/**
 * Without keys the only wall is that this machine alone can connect. A web page in a local browser could still do so,
 * by a form, or by a host name of its own that resolves to 127.0.0.1 (DNS rebinding): its Origin or Host gives it away.
 */
function requireLoopback({ host, origin }: { host?: string | undefined; origin?: string | undefined }): void {
  if (!isLoopbackAuthority(host)) throw refused('Host', host);
  if (origin !== undefined && !isLoopbackOrigin(origin)) throw refused('Origin', origin);
}

function refused(header: string, value: string | undefined): PackError {
  return new PackError(
    'FORBIDDEN',
    `Without API keys kvflow answers this machine alone, and the ${header} header is ${value ? `"${value}"` : 'missing'}. ` +
      'Call it by http://127.0.0.1 or http://localhost, or add a key: kvflow keys add NAME',
  );
}
