import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { default as nodeRed } from 'node-red';
import { FLOWS_HTTP_PATH, FLOWS_PATH } from '../paths.ts';
import { PEER_HEADER } from '../peer.ts';

type NodeRed = typeof nodeRed;

/** Listens for what kvflow passes on, and hands it to Node-RED's two applications. */
export async function serveNodeRed(red: NodeRed, address: string): Promise<Server> {
  const server = createServer((request, response) => hand(red, request, response));
  // kvflow has a limit for slow clients itself.
  server.requestTimeout = 0;
  server.prependListener('upgrade', showPeer);
  server.listen(address);
  await once(server, 'listening');
  return server;
}

function hand(red: NodeRed, request: IncomingMessage, response: ServerResponse): void {
  showPeer(request);
  const { url = '/' } = request;
  const [app, root] = url.startsWith(`${FLOWS_HTTP_PATH}/`)
    ? [red.httpNode, FLOWS_HTTP_PATH]
    : [red.httpAdmin, FLOWS_PATH];
  // As Express does it for an application that is mounted below a path.
  Object.assign(request, { originalUrl: url, url: url.slice(root.length) || '/' });
  app(request, response);
}

/** A flow sees who called, not that it came by kvflow. */
function showPeer(request: IncomingMessage): void {
  const peer = request.headers[PEER_HEADER];
  delete request.headers[PEER_HEADER];
  const at = request.rawHeaders.findIndex(text => text.toLowerCase() === PEER_HEADER);
  if (at >= 0) request.rawHeaders.splice(at, 2);
  Object.defineProperty(request.socket, 'remoteAddress', { value: peer, configurable: true });
}
