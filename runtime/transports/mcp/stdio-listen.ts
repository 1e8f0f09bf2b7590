import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/server';
import { rpcFailure } from './failures.ts';
import type { Updates } from './updates.ts';

/** What of a message decides about subscriptions. */
interface Message {
  id?: string | number;
  method?: string;
  params?: { requestId?: string | number; notifications?: { resourceSubscriptions?: unknown } };
}

/**
 * Over stdio the library answers `subscriptions/listen` itself and tells nobody which resources were asked for. So the
 * request is seen here first: its watches are opened before the library hears of it, and closed when it is cancelled.
 */
export function interceptListen(
  wire: Transport,
  updates: Updates,
): { transport: Transport; closed: Promise<void> } {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  /** By the request's id; undefined while its watches are being opened. */
  const open = new Map<string | number, (() => void) | undefined>();
  const transport: Transport = {
    start: () => wire.start(),
    send: (message, options) => wire.send(message, options),
    close: () => wire.close(),
  };
  wire.onclose = () => {
    resolve();
    transport.onclose?.();
  };
  wire.onerror = error => transport.onerror?.(error);
  wire.onmessage = (message, extra) => {
    const { id, method, params } = message as Message;
    const forward = (): void => transport.onmessage?.(message, extra);
    if (method === 'subscriptions/listen' && id !== undefined) return void listen(id, params, forward);
    if (method === 'notifications/cancelled' && params?.requestId !== undefined) cancel(params.requestId);
    forward();
  };
  return { transport, closed };

  async function listen(id: string | number, params: Message['params'], forward: () => void): Promise<void> {
    const wanted = params?.notifications?.resourceSubscriptions;
    open.set(id, undefined);
    try {
      const release = await updates.watch(
        Array.isArray(wanted) ? wanted.filter(uri => typeof uri === 'string') : [],
      );
      if (!open.has(id)) return release();
      open.set(id, release);
      forward();
    } catch (thrown) {
      open.delete(id);
      await wire.send(rpcFailure(id, thrown) as JSONRPCMessage);
    }
  }

  function cancel(id: string | number): void {
    open.get(id)?.();
    open.delete(id);
  }
}
