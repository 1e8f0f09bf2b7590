import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:http';
import type { KvStore } from '../../runtime/core/ports/kv-store.ts';
import type { ServerOptions } from '../../runtime/server/options.ts';
import { createServer } from '../../runtime/server/server.ts';
import type { TestKvflow } from './kvflow.ts';
import { registry, startKvflow } from './kvflow.ts';
import { openAccess } from './open-access.ts';

/** The invocation API of a kvflow under test, on a free port. */
export interface Served extends AsyncDisposable {
  readonly url: string;
  close(): Promise<void>;
}

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Serves a kvflow without API keys; what is given replaces the options. */
export async function serve(kvflow: TestKvflow, options: Partial<ServerOptions> = {}): Promise<Served> {
  const kv: KvStore = kvflow.nats.kv;
  const server = createServer({
    invoke: kvflow.invoke,
    open: kvflow.open,
    registry,
    kv,
    access: openAccess,
    health: async () => ({ ready: true }),
    log: silent as never,
    host: '127.0.0.1',
    port: 0,
    shutdownGraceMs: 2_000,
    ...options,
  });
  const url = await server.listen();
  return { url, close: server.close, [Symbol.asyncDispose]: server.close };
}

/** kvflow on an empty NATS, served without API keys. */
export async function startServed(options: Partial<ServerOptions> = {}) {
  await using stack = new AsyncDisposableStack();
  const kvflow = stack.use(await startKvflow());
  const { url } = stack.use(await serve(kvflow, options));
  const kept = stack.move();
  return { ...kvflow, url, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** One Server-Sent Event as a client reads it. */
export interface SentEvent {
  /** The revision in it. */
  id?: number;
  /** As it came. */
  lastEventId?: string;
  event: string;
  data: Record<string, unknown>;
}

/** A client of an event stream. */
export interface SentEvents extends AsyncDisposable {
  readonly response: IncomingMessage;
  /** The next event that `wanted` says yes to; those before it are dropped. Throws when the stream ends first. */
  next(wanted?: (event: SentEvent) => boolean): Promise<SentEvent>;
  /** Comments seen so far, heartbeats among them. */
  comments(): string[];
  ended(): boolean;
}

/** Connects to an event stream. */
export async function listen(url: string, headers: Record<string, string> = {}): Promise<SentEvents> {
  const outgoing = request(url, { headers }).end();
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  const events: SentEvent[] = [];
  const comments: string[] = [];
  let wake: () => void = () => undefined;
  let rest = '';
  let over = false;
  response.setEncoding('utf8');
  response.on('error', () => undefined);
  response.on('close', () => {
    over = true;
    wake();
  });
  response.on('data', (text: string) => {
    const blocks = (rest + text).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      if (block.startsWith(':')) comments.push(block.slice(2));
      const event = parse(block);
      if (event) events.push(event);
    }
    wake();
  });
  return {
    response,
    comments: () => comments,
    ended: () => over,
    next,
    [Symbol.asyncDispose]: async () => void outgoing.destroy(),
  };

  async function next(wanted: (event: SentEvent) => boolean = () => true): Promise<SentEvent> {
    for (;;) {
      for (let event = events.shift(); event; event = events.shift()) if (wanted(event)) return event;
      if (over) throw new Error('the stream ended');
      await new Promise<void>(resolve => {
        wake = resolve;
      });
    }
  }
}

function parse(block: string): SentEvent | undefined {
  const fields = new Map(block.split('\n').map(line => line.split(/: (.*)/s, 2) as [string, string]));
  const event = fields.get('event');
  if (!event) return undefined;
  const id = fields.get('id');
  return {
    event,
    data: JSON.parse(fields.get('data') ?? '{}'),
    ...(id && { id: Number.parseInt(id, 10), lastEventId: id }),
  };
}
