import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { invalidField } from '../../../contract/errors.ts';
import { failure, toPackError } from '../../core/envelope.ts';
import { WATCH } from '../../core/open.ts';
import { requireCallable } from '../../core/visibility.ts';
import type { EventFormat } from '../cloud-event.ts';
import { readFormat } from '../cloud-event.ts';
import type { EventStream } from '../event-stream.ts';
import { createEventStream } from '../event-stream.ts';
import { currentPrincipal } from '../guard.ts';
import { reserveStream, STREAM_BYTES } from '../memory/streams.ts';
import type { ServerParts } from '../options.ts';
import { STEP_MS, tellChanges } from '../tell-changes.ts';
import { resumeFrom } from '../watch-events.ts';

/** One watch of a stream that carries several: a name of the client's own, and the input of kv-key-watch. */
interface Wanted {
  id: string;
  input: unknown;
}

const MAX_WATCHES = 256;
const TIMES = { heartbeatMs: 15_000, slowClientMs: 30_000 };

/**
 * POST /watches: the changes of many watches as one stream of Server-Sent Events, so that a browser, which opens six
 * connections at most, can show any number of pages. Each event is what `GET /buckets/{bucket}/watch` sends, with the `watch` it
 * belongs to; a watch that fails is told by an `error` event of its own and the others go on.
 */
export function watchesRoute(parts: ServerParts): FastifyPluginAsync {
  const { heartbeatMs, slowClientMs } = parts.watchTimes ?? TIMES;
  return async app => {
    app.post('/watches', async (request, reply) => {
      const wanted = readWanted(request.body);
      const format = readFormat((request.body as { format?: unknown }).format);
      requireCallable(request.principal, parts.registry, WATCH);
      await parts.access.spend(request.principal, wanted.length);
      reserveStream(parts.budget, reply, STREAM_BYTES.watch * wanted.length);
      reply.hijack();
      const stream = createEventStream(reply.raw, {
        budget: parts.budget,
        slowClientMs,
        headers: reply.getHeaders(),
      });
      await Promise.all([
        beat(request, stream),
        ...wanted.map(one => follow({ ...one, format }, request, stream)),
      ]);
      if (parts.draining() && !stream.closed()) stream.closing();
      stream.end();
      return reply;
    });
  };

  /** Signs of life, and the end of the stream when its key is good no more. */
  async function beat(request: FastifyRequest, stream: EventStream): Promise<void> {
    let heard = Date.now();
    while (isOpen(stream)) {
      await new Promise(resolve => setTimeout(resolve, STEP_MS));
      try {
        currentPrincipal(request, parts.access)();
        if (Date.now() - heard < heartbeatMs || !isOpen(stream)) continue;
        stream.comment('heartbeat');
        heard = Date.now();
      } catch (error) {
        stream.event({ event: 'error', data: failure(toPackError(error)).error });
        return stream.end();
      }
    }
  }

  async function follow(
    { id: name, input, format }: Wanted & { format: EventFormat },
    request: FastifyRequest,
    stream: EventStream,
  ): Promise<void> {
    try {
      const watch = await parts.open('watch', toInput(input), {
        principal: request.principal,
        renew: currentPrincipal(request, parts.access),
        invocationId: request.id,
        gone: stream.closed,
      });
      stream.onClose(() => watch.close());
      try {
        const told = { watch, name, bucket: (input as { bucket: string }).bucket, format };
        await tellChanges(told, stream, { isOver: () => !isOpen(stream) });
      } finally {
        watch.close();
      }
    } catch (error) {
      if (isOpen(stream))
        stream.event({ event: 'error', data: { watch: name, ...failure(toPackError(error)).error } });
    }
  }

  function isOpen(stream: EventStream): boolean {
    return !stream.closed() && !parts.draining();
  }
}

function toInput(raw: unknown): unknown {
  const { after, ...rest } = raw as { after?: unknown };
  return { ...rest, ...(after !== undefined && resumeFrom(after)) };
}

function readWanted(body: unknown): Wanted[] {
  const { watches } = (body ?? {}) as { watches?: unknown };
  if (!Array.isArray(watches) || watches.length === 0 || watches.length > MAX_WATCHES) {
    throw invalidField('/watches', `must be a list of 1 to ${MAX_WATCHES} watches`);
  }
  return watches.map((one: unknown, index) => {
    const { id, ...input } = (one ?? {}) as { id?: unknown };
    if (typeof id !== 'string' || id === '')
      throw invalidField(`/watches/${index}/id`, 'must be a text of your own');
    return { id, input };
  });
}
