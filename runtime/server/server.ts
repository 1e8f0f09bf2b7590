import compress from '@fastify/compress';
import type { FastifyInstance } from 'fastify';
import { fastify } from 'fastify';
import { PackError } from '../../contract/errors.ts';
import { createIdempotency } from '../core/idempotency.ts';
import { nextInvocationId } from '../core/invoke.ts';
import { createTickets } from '../core/tickets.ts';
import { answerBrokenHttp, answerConnect, answerEarlyFailure, answerFailures } from './failures.ts';
import { guard } from './guard.ts';
import { acceptJson } from './json-body.ts';
import { isLoopbackHost } from './loopback.ts';
import { createByteBudget } from './memory/byte-budget.ts';
import { createMetrics } from './metrics.ts';
import { metricsText } from './metrics-text.ts';
import type { Server, ServerOptions, ServerParts } from './options.ts';
import { routeGroups } from './routes/groups.ts';
import { createShutdown } from './shutdown.ts';

const BODY_LIMIT = 16 * 1024 * 1024;
const SHUTDOWN_GRACE_MS = 10_000;
/** A body that comes in slower than this is given up. */
const REQUEST_TIMEOUT_MS = 120_000;

/** Makes the HTTP server: the invocation API and everything around it. It does not listen yet. */
export function createServer(options: ServerOptions): Server {
  const app = fastify({
    logger: false,
    genReqId: nextInvocationId,
    bodyLimit: options.bodyLimit ?? BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT_MS,
    return503OnClosing: false,
    exposeHeadRoutes: true,
    routerOptions: { maxParamLength: 300 },
    frameworkErrors: answerEarlyFailure,
    clientErrorHandler: answerBrokenHttp,
    // The guard says so itself, with an envelope.
    http: { requireHostHeader: false },
  }) as unknown as FastifyInstance;
  const shutdown = createShutdown(app, options.shutdownGraceMs ?? SHUTDOWN_GRACE_MS);
  const { log, kv } = options;
  const parts: ServerParts = {
    ...options,
    metrics: createMetrics(),
    idempotency: createIdempotency({
      kv,
      onError: err => log.warn({ err }, 'an idempotent answer was not kept'),
    }),
    tickets: createTickets(kv),
    budget: createByteBudget(options.memoryBytes),
    draining: shutdown.draining,
  };
  // A client may end its side after a whole request and still be answered (RFC 9112, 9.6).
  Object.assign(app.server, { httpAllowHalfOpen: true });
  // Node would answer these alone, without an envelope; the guard refuses them.
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response));
  app.server.on('connect', answerConnect);
  // Larger answers, for those who ask; bodies are never unpacked, so that none is larger than it says.
  app.register(compress, { encodings: ['br', 'gzip'], threshold: 1_024, globalDecompression: false });
  acceptJson(app, parts.budget);
  guard(app, parts);
  answerFailures(app, parts);
  for (const group of [...routeGroups(parts), ...(options.plugins ?? [])]) app.register(group);
  return {
    app,
    metrics: () => metricsText(parts),
    listen: () => listen(app, options),
    close: shutdown.close,
  };
}

async function listen(
  app: FastifyInstance,
  { access, host, port, reusePort = false }: ServerOptions,
): Promise<string> {
  if (!access.required() && !isLoopbackHost(host)) throw openToAll(host);
  return await app.listen({ host, port, ...(reusePort && { reusePort }) });
}

function openToAll(host: string): PackError {
  return new PackError(
    'INVALID_INPUT',
    `kvflow will not listen on ${host} without an API key: anybody who reaches it could read and write everything. ` +
      'Add a key first: kvflow keys add NAME (or set KVFLOW_API_KEYS), or leave KVFLOW_HOST at 127.0.0.1.',
  );
}
