import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { PackError } from '../../../contract/errors.ts';
import { failure } from '../../core/envelope.ts';
import type { McpCaller } from '../../core/mcp-caller.ts';
import { goneSignal } from '../gone-signal.ts';
import { currentPrincipal } from '../guard.ts';
import type { Invocations } from '../invocations.ts';
import { isLoopbackOrigin } from '../loopback.ts';
import { onceSent } from '../memory/once-sent.ts';
import { reserveStream, STREAM_BYTES } from '../memory/streams.ts';
import type { ServerParts } from '../options.ts';

/** Says of the connection, not of the request. */
const HOP_BY_HOP = new Set([
  'connection',
  'content-length',
  'host',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
]);

/** POST /mcp: the Model Context Protocol. The endpoint is made at the first request: it is large, and most never see one. */
export function mcpRoute(parts: ServerParts, invocations: Invocations): FastifyPluginAsync {
  const { access, budget, draining, mcp } = parts;
  let endpoint: ReturnType<NonNullable<ServerParts['mcp']>> | undefined;
  return async app => {
    if (!mcp) return;
    app.post('/mcp', { errorHandler: answerUnreadable }, async (request, reply) => {
      if (!reply.hasHeader('access-control-allow-origin')) requireOwnOrigin(request);
      endpoint ??= mcp();
      const { serve } = await endpoint;
      const response = await serve(toWebRequest(request, reply), request.body, callerOf(request, reply));
      // Whether the connection goes on is for HTTP to say: the client may have asked for its end, or we are closing.
      response.headers.delete('connection');
      return reply.send(response);
    });
  };

  function callerOf(request: FastifyRequest, reply: FastifyReply): McpCaller {
    const { principal, id: invocationId } = request;
    const held = onceSent(reply);
    const renew = currentPrincipal(request, access);
    return {
      principal,
      invocationId,
      call: (name, input, trace) =>
        invocations.run(name, input, { held, principal, invocationId, renew, trace, by: { host: 'mcp' } }),
      renew,
      spend: (calls = 1) => access.spend(principal, calls),
      holdWatches: count => reserveStream(budget, reply, STREAM_BYTES.watch * count),
      isEnding: draining,
    };
  }
}

/** JSON-RPC 2.0, section 5.1. */
const PARSE_ERROR = -32_700;

/** A body that is no JSON is answered as JSON-RPC says; any other failure as on every address. */
function answerUnreadable(error: Error, _request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (!(error instanceof PackError) || error.code !== 'INVALID_INPUT') throw error;
  const { status_code, error: data } = failure(error);
  const fault = { code: PARSE_ERROR, message: `Parse error: ${error.message}`, data };
  return reply.code(status_code).send({ jsonrpc: '2.0', id: null, error: fault });
}

/** The request as the protocol's library takes it, aborted when the client is gone. */
function toWebRequest({ raw, headers, url }: FastifyRequest, reply: FastifyReply): Request {
  const sent = Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name));
  return new Request(new URL(url, 'http://kvflow'), {
    method: raw.method ?? 'POST',
    headers: sent.map(([name, value]): [string, string] => [name, [value].flat().join(', ')]),
    signal: goneSignal(reply),
  });
}

/** The protocol asks servers to look at it even where a key is needed: pages of this machine and of this server only. */
function requireOwnOrigin({ headers: { origin, host } }: FastifyRequest): void {
  if (origin === undefined || isLoopbackOrigin(origin)) return;
  if (host !== undefined && [`http://${host}`, `https://${host}`].includes(origin)) return;
  throw new PackError(
    'FORBIDDEN',
    `Pages of ${origin} may not use this MCP endpoint: it takes no Origin but its own.`,
  );
}
