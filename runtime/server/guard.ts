import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PackError } from '../../contract/errors.ts';
import type { Principal } from '../core/principal.ts';
import { EVERYTHING } from '../core/principal.ts';
import { isLoopbackAuthority, isLoopbackOrigin } from './loopback.ts';
import type { ServerParts } from './options.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who calls; set before any handler runs. */
    principal: Principal;
  }
  interface FastifyContextConfig {
    /** Served without an API key: liveness, and pages that hold no data. */
    open?: boolean;
  }
}

/** Who asks for an open page without a key. */
const NOBODY: Principal = { name: 'nobody', functions: [], buckets: [], readOnly: true };

/** Says on every request who calls, before its body is read; gives every answer its id. */
export function guard(
  app: FastifyInstance,
  { access, draining }: Pick<ServerParts, 'access' | 'draining'>,
): void {
  app.decorateRequest('principal', null as never);
  app.addHook('onRequest', (request: FastifyRequest, reply: FastifyReply, next: (error?: Error) => void) => {
    reply.header('x-invocation-id', request.id);
    if (draining()) reply.header('connection', 'close');
    try {
      admit(request);
    } catch (error) {
      return next(error as Error);
    }
    next();
  });

  function admit(request: FastifyRequest): void {
    if (!access.required()) {
      requireLoopback(request.headers);
      request.principal = EVERYTHING;
    } else {
      const open = request.routeOptions.config.open === true;
      request.principal = open ? NOBODY : access.authenticate(request.headers.authorization);
    }
  }
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
