import type { ServerResponse } from 'node:http';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { failure, toPackError } from '../../core/envelope.ts';
import type { KvWatch } from '../../core/ports.ts';
import { createEventStream } from '../event-stream.ts';
import { currentPrincipal } from '../guard.ts';
import type { ServerParts } from '../options.ts';
import { changeEvent, resetEvent, resumeFrom } from '../watch-events.ts';

interface Route {
  Params: { bucket: string };
  Querystring: Record<string, string>;
}

/** Changes written at once; the reader's pace decides when the next are fetched. */
const BATCH = 256;
/** How often an open stream looks whether it is to end. */
const STEP_MS = 500;
const TIMES = { heartbeatMs: 15_000, slowClientMs: 30_000 };

/**
 * GET /buckets/{bucket}/watch: changes as Server-Sent Events, named put, delete, purge and expire. A
 * client that comes back with Last-Event-ID goes on where it was, on any process; an id is the revision and which bucket of
 * the name gave it, so that a bucket that was made again is told by `reset`. `synced` is sent once, when all
 * that was there at the start has been sent.
 */
export function watchRoute(parts: ServerParts): FastifyPluginAsync {
  const { heartbeatMs, slowClientMs } = parts.watchTimes ?? TIMES;
  return async app => {
    app.get<Route>('/buckets/:bucket/watch', { exposeHeadRoute: false }, async (request, reply) => {
      parts.access.spend(request.principal, 1);
      const watch = await parts.openWatch(readInput(request), {
        principal: request.principal,
        renew: () => currentPrincipal(request, parts.access),
        gone: () => reply.raw.destroyed || request.raw.socket.destroyed,
      });
      reply.hijack();
      await serve(watch, request, reply.raw);
      return reply;
    });
  };

  async function serve(watch: KvWatch, request: FastifyRequest, response: ServerResponse): Promise<void> {
    const stream = createEventStream(response, { slowClientMs, headers: { 'x-invocation-id': request.id } });
    stream.onClose(() => watch.close());
    try {
      await follow(watch, stream);
    } catch (error) {
      stream.event({ event: 'error', data: failure(toPackError(error)).error });
    } finally {
      watch.close();
      stream.end();
    }
  }

  async function follow(watch: KvWatch, stream: ReturnType<typeof createEventStream>): Promise<void> {
    let synced = false;
    let heard = Date.now();
    while (!stream.closed()) {
      if (parts.draining()) return stream.closing();
      const changes = await watch.next(BATCH, STEP_MS);
      const reset = resetEvent(watch);
      if (reset) {
        stream.event(reset);
        synced = false;
      }
      for (const change of changes) stream.event(changeEvent(change, watch.bucketId()));
      if (changes.length === 0 && !synced && !reset) {
        stream.event({ event: 'synced', data: { revision: watch.startedAt } });
        synced = true;
      }
      if (changes.length > 0) heard = Date.now();
      if (Date.now() - heard >= heartbeatMs) {
        stream.comment('heartbeat');
        heard = Date.now();
      }
      await stream.drained();
    }
  }
}

function readInput({ params, query, headers }: FastifyRequest<Route>): unknown {
  const resumed = headers['last-event-id'];
  const { after = resumed, ...rest } = query;
  return { ...rest, bucket: params.bucket, ...(after !== undefined && resumeFrom(after)) };
}
