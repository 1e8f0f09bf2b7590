import type { ServerResponse } from 'node:http';
import { PackError } from '../../contract/errors.ts';
import { stringifyExact } from '../../contract/exact-json.ts';
import type { ByteBudget } from './memory/byte-budget.ts';

/** One Server-Sent Event; `data` is sent as JSON on one line. */
export interface StreamEvent {
  /** Sent back as Last-Event-ID by a client that comes again. */
  id?: number | string;
  event: string;
  data: unknown;
}

/** An answer of Server-Sent Events (WHATWG HTML, "Server-sent events"). */
export interface EventStream {
  event(event: StreamEvent): void;
  /** Seen by proxies and by nobody else. */
  comment(text: string): void;
  /** Resolves when the client has read enough to be sent more; throws when it stopped reading for too long. */
  drained(): Promise<void>;
  closed(): boolean;
  /** Says that the server ends, not the stream: the client is to connect again. */
  closing(): void;
  onClose(listener: () => void): void;
  end(): void;
}

/** How an answer begins and when it is given up. */
export interface EventStreamOptions {
  headers: Record<string, string | number | string[] | undefined>;
  /** Milliseconds; a client that does not read for so long is sent away: it can come back with Last-Event-ID. */
  slowClientMs: number;
  /** What the process may hold; the stream counts what its client has not read yet. */
  budget: ByteBudget;
}

/** How long after the end a client that still does not read keeps its connection. */
const LINGER_MS = 5_000;
/** Milliseconds that a client waits before it connects again. */
const RETRY_MS = 1_000;

/** Begins the answer. What a slow client has not read yet is bounded by one batch of events. */
export function createEventStream(response: ServerResponse, options: EventStreamOptions): EventStream {
  // A client may be gone before its stream has begun: its end is not told again.
  let over = isLeft(response);
  response.once('close', () => {
    over = true;
  });
  response.socket?.once('end', () => response.destroy());
  response.on('error', () => undefined); // The connection is gone; `close` follows.
  response.writeHead(200, {
    ...options.headers,
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
    connection: 'close',
  });
  response.write(`retry: ${RETRY_MS}\n\n`);
  return {
    event: ({ id, event, data }) => {
      const idLine = id === undefined ? '' : `id: ${id}\n`;
      response.write(`${idLine}event: ${event}\ndata: ${stringifyExact(data)}\n\n`);
    },
    comment: text => response.write(`: ${text}\n\n`),
    drained: () => drained(response, options),
    closed: () => over || isLeft(response),
    closing: () => response.write(`event: closing\nretry: ${RETRY_MS}\ndata: {"retry_ms":${RETRY_MS}}\n\n`),
    onClose: listener => {
      if (over) listener();
      else response.once('close', listener);
    },
    end: () => {
      response.end();
      // What waits for a client that does not read is not kept where there is no room for it.
      if (response.writableLength > options.budget.free()) response.destroy();
      else setTimeout(() => response.destroy(), LINGER_MS).unref();
    },
  };
}

/**
 * Whether the client of a stream is gone. Who reads a stream has nothing more to say: one that ended its side is, and nothing else
 * would tell before the next heartbeat.
 */
export function isLeft({ destroyed, req: { socket } }: ServerResponse): boolean {
  // An answer that waits behind another one on its connection has no socket of its own yet.
  return destroyed || socket.destroyed || socket.readableEnded;
}

async function drained(response: ServerResponse, options: EventStreamOptions): Promise<void> {
  if (!response.writableNeedDrain || response.destroyed) return;
  const unread = response.writableLength;
  options.budget.take(unread);
  try {
    await read(response, options.slowClientMs);
  } finally {
    options.budget.give(unread);
  }
}

async function read(response: ServerResponse, slowClientMs: number): Promise<void> {
  const inTime = await new Promise<boolean>(resolve => {
    const timer = setTimeout(() => settle(false), slowClientMs);
    const go = () => settle(true);
    const settle = (result: boolean) => {
      clearTimeout(timer);
      response.off('drain', go).off('close', go);
      resolve(result);
    };
    response.once('drain', go).once('close', go);
  });
  if (inTime) return;
  throw new PackError(
    'UNAVAILABLE',
    'The changes were not read fast enough, so the stream ends here. Connect again with Last-Event-ID to go on.',
  );
}
