import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { Authenticator } from '../../core/access.ts';
import { authorizeFlows } from '../../core/principal.ts';
import { isLoopbackAuthority } from '../loopback.ts';

/** The flow editor, as far as the server sees it. */
export interface FlowEditor {
  /** Answers a request below `/flows`. Throws PackError where there is no editor. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Takes a WebSocket of the editor. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'];

/**
 * /flows: the Node-RED editor. The editor asks for the API key itself, since a page cannot send it with its first
 * request; what flows serve under /flows/http needs the key as everything else does.
 */
export function flowsRoute(editor: FlowEditor, access: Authenticator): FastifyPluginAsync {
  return async app => {
    // Node-RED reads bodies itself.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (_request, _payload, done) => done(null));
    app.get('/flows', { config: { open: true } }, (_request, reply) => reply.redirect('/flows/'));
    const serve = (request: FastifyRequest, reply: FastifyReply) => hand(editor, request, reply);
    app.route({
      method: METHODS,
      url: '/flows/*',
      exposeHeadRoute: false,
      config: { open: true, streamed: true },
      handler: serve,
    });
    const serveFlows = (request: FastifyRequest, reply: FastifyReply) => {
      authorizeFlows(request.principal);
      return serve(request, reply);
    };
    const config = { streamed: true };
    app.route({ method: METHODS, url: '/flows/http/*', exposeHeadRoute: false, config, handler: serveFlows });
    acceptUpgrades(app, editor, access);
  };
}

async function hand(editor: FlowEditor, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  // Until here a failure is answered in the usual form; Node-RED answers from now on.
  await editor.handle(request.raw, reply.raw);
  reply.hijack();
  return reply;
}

/**
 * A WebSocket comes past the routes and their guard, and a browser lets any page open one: it is judged here. The editor's asks
 * for its session itself; one that a flow serves needs the key as its other addresses do.
 */
function acceptUpgrades(app: FastifyInstance, editor: FlowEditor, access: Authenticator): void {
  // Everywhere else the wish is passed over, as HTTP allows: clients that would like HTTP/2 (h2c) are answered all the same.
  Object.assign(app.server, { shouldUpgradeCallback: isFlowsSocket });
  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (isFlowsSocket(request) && mayUpgrade(request, access)) editor.upgrade(request, socket, head);
    else socket.destroy();
  });
}

function isFlowsSocket({ url, headers }: IncomingMessage): boolean {
  return url?.startsWith('/flows/') === true && headers.upgrade?.toLowerCase() === 'websocket';
}

function mayUpgrade({ headers, url }: IncomingMessage, access: Authenticator): boolean {
  const { host, origin } = headers;
  if (!access.required() && !isLoopbackAuthority(host)) return false;
  if (url?.startsWith('/flows/http/') && !mayCallFlows(headers.authorization, access)) return false;
  return origin === undefined || URL.parse(origin)?.host === host;
}

function mayCallFlows(authorization: string | undefined, access: Authenticator): boolean {
  try {
    authorizeFlows(access.authenticate(authorization));
    return true;
  } catch {
    return false;
  }
}
