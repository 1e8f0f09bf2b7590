import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PackError } from '../../contract/errors.ts';
import { failure, toPackError } from '../core/envelope.ts';
import { nextInvocationId } from '../core/invoke.ts';
import { wasTold } from '../core/open.ts';
import { sendEnvelope } from './answer.ts';
import { whyBadUrl } from './bad-url.ts';
import { unsupportedMedia } from './media-types.ts';
import type { Metrics } from './metrics.ts';
import type { ServerLog } from './options.ts';
import { createRouteTable } from './route-table.ts';

/** How long a client may go on sending what is no HTTP; milliseconds. */
const LINGER_MS = 1_000;

/** An import of `node:http` reads all that it exports, and with it loads Node's own fetch: a twentieth of a start. */
const { STATUS_CODES } = process.getBuiltinModule('node:http');

interface HttpError extends Error {
  code?: string;
  statusCode?: number;
}

/** Gives every error the envelope's form, whoever raised it: our routes, Fastify, the router. */
export function answerFailures(app: FastifyInstance, deps: { log: ServerLog; metrics: Metrics }): void {
  const routes = createRouteTable();
  app.addHook('onRoute', route => routes.add(route.method, route.url));
  app.setErrorHandler<HttpError>((thrown, request, reply) => answerError(thrown, request, reply, deps));
  app.setNotFoundHandler((request, reply) => {
    const allowed = routes.methodsOf(pathOf(request));
    if (allowed.length > 0) reply.header('allow', allowed.join(', '));
    answerError(allowed.length > 0 ? wrongMethod(request, allowed) : noRoute(request), request, reply, deps);
  });
}

/** Fastify's own way for what fails before a route is known, such as an address that cannot be decoded. */
export function answerEarlyFailure(error: HttpError, request: FastifyRequest, reply: FastifyReply): void {
  reply.header('x-invocation-id', request.id);
  sendEnvelope(reply, failure(translate(error, request)));
}

/** How a client of HTTP/2 begins (RFC 9113, 3.4). */
const HTTP2 = 'PRI * HTTP/2.0';

/** `rawPacket` is what was read; Fastify's types say something else of it. */
type BrokenHttp = NodeJS.ErrnoException & { rawPacket?: unknown };

/** What is no HTTP at all: there is no request that could be answered through Fastify. */
export function answerBrokenHttp(error: BrokenHttp, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  endWith(socket, bodyFault(whyBroken(error)));
  // A client may leave its side open, as those of HTTP/2 do. It is to read the answer before its connection ends.
  socket.resume();
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

function whyBroken({ code, rawPacket }: BrokenHttp): string {
  if (code === 'HPE_HEADER_OVERFLOW') return 'The request headers are too large; kvflow takes 16 KiB.';
  if (rawPacket instanceof Uint8Array && Buffer.from(rawPacket).toString('latin1', 0, 14) === HTTP2)
    return 'kvflow speaks HTTP/1.1 here, and this is HTTP/2: let a proxy in front of it speak that.';
  return 'This is not a well-formed HTTP request, or it was not sent in time.';
}

/** CONNECT, which Node hangs up on: there is no request of Fastify for it either. */
export function answerConnect(_request: IncomingMessage, socket: Duplex): void {
  const message = 'kvflow is no proxy: it does not take CONNECT.';
  // Node has left the socket to us: a reset would be nobody's, and so would one that the client never ends.
  socket.on('error', () => undefined).on('finish', () => socket.destroy());
  endWith(socket, new PackError('METHOD_NOT_ALLOWED', message));
}

function endWith(socket: Duplex, error: PackError): void {
  const envelope = failure(error);
  const text = JSON.stringify(envelope);
  const head = [
    `HTTP/1.1 ${envelope.status_code} ${STATUS_CODES[envelope.status_code]}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(text)}`,
    `x-invocation-id: ${nextInvocationId()}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${text}`);
}

function answerError(
  thrown: HttpError,
  request: FastifyRequest,
  reply: FastifyReply,
  { log, metrics }: { log: ServerLog; metrics: Metrics },
): void {
  const error = translate(thrown, request);
  metrics.refused(error.code);
  if (error.code === 'INTERNAL' && !wasTold(thrown))
    log.error({ err: error.cause, invocation_id: request.id }, 'request failed');
  if (error.code === 'UNAUTHENTICATED') reply.header('www-authenticate', 'Bearer realm="kvflow"');
  sendEnvelope(reply, failure(error));
}

function translate(error: HttpError, request: FastifyRequest): PackError {
  if (error instanceof PackError) return error;
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return tooLarge(request.routeOptions.bodyLimit);
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return noMediaType(request);
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return bodyFault('The body is shorter or longer than its content-length says.');
    case 'FST_ERR_BAD_URL':
      return bodyFault(`The address is not valid: ${whyBadUrl(request.raw.url ?? '')}.`);
  }
  const status = error.statusCode ?? 500;
  return status >= 400 && status < 500 ? bodyFault(error.message) : toPackError(error);
}

/** A type that is none, or one that the address does not take. */
function noMediaType(request: FastifyRequest): PackError {
  const type = request.headers['content-type'];
  const isOne = type !== undefined && /^\s*[\w!#$&^.+-]+\/[\w!#$&^.+-]+\s*(;|$)/.test(type);
  if (type !== undefined && !isOne)
    return unsupportedMedia(`content-type "${type}" is no media type such as text/plain or image/png.`);
  return unsupportedMedia(
    `${request.method} ${pathOf(request)} takes content-type: application/json, or another type that ends in +json.`,
  );
}

function tooLarge(limit: number | undefined): PackError {
  return new PackError(
    'PAYLOAD_TOO_LARGE',
    `The body is larger than the ${limit} bytes this server takes; send less, or in several requests.`,
    { details: { limit } },
  );
}

function bodyFault(message: string): PackError {
  return new PackError('INVALID_INPUT', message, { errors: [{ pointer: '', message }] });
}

function wrongMethod(request: FastifyRequest, allowed: string[]): PackError {
  const path = pathOf(request);
  const isCall = request.method === 'POST' && /^\/functions\/[^/]+$/.test(path);
  return new PackError(
    'METHOD_NOT_ALLOWED',
    `${path} does not take ${request.method}; use ${allowed.join(' or ')}.${isCall ? ` A call goes to POST ${path}/invocations.` : ''}`,
    { details: { allowed } },
  );
}

function noRoute(request: FastifyRequest): PackError {
  return new PackError(
    'ROUTE_NOT_FOUND',
    `There is nothing at ${request.method} ${pathOf(request)}. A function is called with POST /functions/{name}/invocations; /docs shows all routes.`,
  );
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '/';
}
