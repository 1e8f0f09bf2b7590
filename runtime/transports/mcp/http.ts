import type { McpHttpHandler, ServerEventBus } from '@modelcontextprotocol/server';
import { createMcpHandler, InMemoryServerEventBus } from '@modelcontextprotocol/server';
import type { McpCaller, McpEndpoint } from '../../core/mcp-caller.ts';
import type { McpParts } from './caller.ts';
import { rpcFailure } from './failures.ts';
import { createMcpServer } from './server.ts';
import type { Toolset } from './toolsets.ts';
import { toToolset } from './toolsets.ts';
import type { Updates } from './updates.ts';
import { createUpdates } from './updates.ts';

/** Streams of updates that this process holds open at once. */
const MAX_STREAMS = 256;

/** Makes the endpoint, where any process may answer any request: spec 2026-07-28, and clients of 2025-11-25 and before, without sessions. */
export function createMcpEndpoint(parts: McpParts): McpEndpoint {
  let streams = 0;
  return {
    serve: async (request, body, caller) => {
      try {
        const toolset = toToolset(new URL(request.url).searchParams.get('toolset'));
        const uris = listenedTo(body);
        if (uris) return await listen(request, body, { caller, uris, toolset });
        return await handlerFor(caller, toolset).fetch(request, { parsedBody: body });
      } catch (thrown) {
        return Response.json(rpcFailure((body as { id?: string | number } | null)?.id ?? null, thrown));
      }
    },
  };

  function handlerFor(
    caller: McpCaller,
    toolset: Toolset,
    options: Parameters<typeof createMcpHandler>[1] = {},
  ): McpHttpHandler {
    const factory = ({ era }: { era: string }) =>
      createMcpServer(parts, caller, { subscribe: era === 'modern', toolset });
    return createMcpHandler(factory, options);
  }

  /** A stream of updates. Its watches end with the stream, and the stream with the caller's rights. */
  async function listen(
    request: Request,
    body: unknown,
    stream: { caller: McpCaller; uris: string[]; toolset: Toolset },
  ): Promise<Response> {
    const { caller, uris, toolset } = stream;
    const events = new InMemoryServerEventBus();
    const updates = createUpdates(parts, caller, {
      onUpdate: uri => events.publish({ kind: 'resource_updated', uri }),
      onOver: () => void handler.close(),
    });
    const bus = countedBus(events, updates);
    // Our count, over all streams: each has a handler of its own here.
    const handler = handlerFor(caller, toolset, { bus, maxSubscriptions: streams < MAX_STREAMS ? 1 : 0 });
    try {
      await caller.spend();
      caller.holdWatches?.(new Set(uris).size);
      await updates.watch(uris);
    } catch (thrown) {
      return Response.json(rpcFailure((body as { id?: string | number }).id ?? null, thrown));
    }
    const response = await handler.fetch(request, { parsedBody: body });
    if (!bus.used()) updates.close();
    return response;
  }

  /** The library subscribes when the stream opens and unsubscribes when it ends, however it ends. */
  function countedBus(
    events: InMemoryServerEventBus,
    updates: Updates,
  ): ServerEventBus & { used(): boolean } {
    let used = false;
    return {
      used: () => used,
      publish: event => events.publish(event),
      subscribe: listener => {
        used = true;
        streams += 1;
        const unsubscribe = events.subscribe(listener);
        return () => {
          streams -= 1;
          unsubscribe();
          updates.close();
        };
      },
    };
  }
}

/** The resources that a request wants the updates of; undefined for any other request. */
function listenedTo(body: unknown): string[] | undefined {
  const { method, params } = (body ?? {}) as {
    method?: unknown;
    params?: { notifications?: { resourceSubscriptions?: unknown } };
  };
  if (method !== 'subscriptions/listen') return undefined;
  const uris = params?.notifications?.resourceSubscriptions;
  return Array.isArray(uris) ? uris.filter(uri => typeof uri === 'string') : [];
}
