import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { PackError } from '../../contract/errors.ts';
import { failure } from '../core/envelope.ts';
import { PEER_HEADER } from './peer.ts';

/** An import of `node:http` reads all that it exports, and with it loads Node's own fetch: a twentieth of a start. */
const { request: send } = process.getBuiltinModule('node:http');

/** What is about one connection and not about the message (RFC 9110, 7.6.1), and what we say ourselves. */
const OF_THE_CONNECTION = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'upgrade',
  'expect',
  PEER_HEADER,
]);

/** What {@link forward} is given. */
export interface ForwardOptions {
  response: ServerResponse;
  body?: Buffer | undefined;
  /** Headers that the answer has beside its own. */
  add?: Readonly<Record<string, string>>;
}

/** Passes a request on to a process that listens at `address`, and its answer back, as they come. `body`: where it was read already. */
export function forward(
  address: string,
  request: IncomingMessage,
  { response, body, add = {} }: ForwardOptions,
): void {
  const outgoing = send({
    socketPath: address,
    method: request.method,
    path: request.url,
    headers: withPeer(request, OF_THE_CONNECTION),
    // A connection each: one that is kept may end just when it is used again.
    agent: false,
  });
  outgoing.on('response', incoming => {
    response.writeHead(incoming.statusCode ?? 502, incoming.statusMessage, [
      ...without(incoming.rawHeaders, OF_THE_CONNECTION),
      ...Object.entries(add).flat(),
    ]);
    incoming.on('error', () => response.destroy());
    incoming.pipe(response);
  });
  outgoing.on('error', () => answerDown(response));
  response.on('close', () => outgoing.destroy());
  if (body) outgoing.end(body);
  else request.pipe(outgoing);
}

/** Passes a connection that becomes a WebSocket on; it ends with either side. */
export function forwardUpgrade(
  address: string,
  request: IncomingMessage,
  { socket, head }: { socket: Duplex; head: Buffer },
): void {
  const upstream = connect(address);
  const end = (): void => {
    upstream.destroy();
    socket.destroy();
  };
  for (const side of [upstream, socket]) side.on('error', end).on('close', end);
  const lines = pairs(withPeer(request, new Set([PEER_HEADER]))).map(([name, value]) => `${name}: ${value}`);
  upstream.write(`${request.method} ${request.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  if (head.length > 0) upstream.write(head);
  upstream.pipe(socket).pipe(upstream);
}

function withPeer(request: IncomingMessage, left: ReadonlySet<string>): string[] {
  return [...without(request.rawHeaders, left), PEER_HEADER, request.socket.remoteAddress ?? ''];
}

function without(rawHeaders: readonly string[], left: ReadonlySet<string>): string[] {
  return pairs(rawHeaders)
    .filter(([name]) => !left.has(name.toLowerCase()))
    .flat();
}

function pairs(rawHeaders: readonly string[]): [name: string, value: string][] {
  return Array.from({ length: rawHeaders.length / 2 }, (_, index) => [
    rawHeaders[2 * index] ?? '',
    rawHeaders[2 * index + 1] ?? '',
  ]);
}

function answerDown(response: ServerResponse): void {
  if (response.headersSent) return void response.destroy();
  const error = new PackError(
    'UNAVAILABLE',
    'The process of the flows ended before it answered; it is started again.',
  );
  response.writeHead(error.status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(failure(error)));
}
