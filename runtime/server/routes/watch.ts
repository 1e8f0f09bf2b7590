import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { PackError } from '../../../contract/errors.ts';
import { failure, toPackError } from '../../core/envelope.ts';
import type { Principal } from '../../core/principal.ts';
import { readFormat } from '../cloud-event.ts';
import type { EventStream } from '../event-stream.ts';
import { createEventStream, isLeft } from '../event-stream.ts';
import { currentPrincipal } from '../guard.ts';
import { reserveStream, STREAM_BYTES } from '../memory/streams.ts';
import type { ServerParts } from '../options.ts';
import type { Told } from '../tell-changes.ts';
import { tellChanges } from '../tell-changes.ts';
import { resumeFrom } from '../watch-events.ts';

interface Route {
  Params: { bucket: string };
  Querystring: Record<string, string>;
}

const REDEEM_MS = 5_000;
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
    const options = { exposeHeadRoute: false, config: { ticket: true } };
    app.get<Route>('/buckets/:bucket/watch', options, async (request, reply) => {
      const format = readFormat(request.query.format);
      const renew = await callerOf(request);
      const principal = renew();
      request.admitPage?.(principal);
      await parts.access.spend(principal, 1);
      reserveStream(parts.budget, reply, STREAM_BYTES.watch);
      const watch = await parts.open('watch', readInput(request), {
        principal,
        renew,
        invocationId: request.id,
        gone: () => isLeft(reply.raw),
      });
      reply.hijack();
      await serve({ watch, format, bucket: request.params.bucket }, reply);
      return reply;
    });
  };

  /** Says who the caller is: by the key that was sent, or by the one that a ticket stands for. */
  async function callerOf(request: FastifyRequest<Route>): Promise<() => Principal> {
    const { access, tickets } = parts;
    const { ticket } = request.query;
    if (ticket === undefined || request.headers.authorization !== undefined || !access.required())
      return currentPrincipal(request, access);
    const name = await tickets.redeem({ deadline: Date.now() + REDEEM_MS }, ticket);
    return () => {
      const principal = access.named?.(name);
      if (principal) return principal;
      throw new PackError('UNAUTHENTICATED', `API key "${name}" was revoked or has expired.`);
    };
  }

  async function serve(told: Told, reply: FastifyReply): Promise<void> {
    const { watch } = told;
    const stream = createEventStream(reply.raw, {
      budget: parts.budget,
      slowClientMs,
      headers: reply.getHeaders(),
    });
    stream.onClose(() => watch.close());
    try {
      await follow(told, stream);
    } catch (error) {
      stream.event({ event: 'error', data: failure(toPackError(error)).error });
    } finally {
      watch.close();
      stream.end();
    }
  }

  async function follow(told: Told, stream: EventStream): Promise<void> {
    let heard = Date.now();
    await tellChanges(told, stream, {
      isOver: () => stream.closed() || parts.draining(),
      afterStep: count => {
        if (count > 0) heard = Date.now();
        if (Date.now() - heard < heartbeatMs) return;
        stream.comment('heartbeat');
        heard = Date.now();
      },
    });
    if (!stream.closed()) stream.closing();
  }
}

function readInput({ params, query, headers }: FastifyRequest<Route>): unknown {
  const resumed = headers['last-event-id'];
  const { after = resumed, ticket: _ticket, format: _format, ...rest } = query;
  const { filter, headers_only, ignore_deletes, ...others } = rest;
  return {
    ...others,
    bucket: params.bucket,
    // Given more than once it comes as a list.
    ...(Array.isArray(filter) ? { filters: filter } : filter !== undefined && { filter }),
    ...(headers_only !== undefined && { headers_only: toFlag(headers_only) }),
    ...(ignore_deletes !== undefined && { ignore_deletes: toFlag(ignore_deletes) }),
    ...(after !== undefined && resumeFrom(after)),
  };
}

/** What is neither stays text, which the schema then refuses by its name. */
function toFlag(text: string): unknown {
  return text === 'true' ? true : text === 'false' ? false : text;
}
