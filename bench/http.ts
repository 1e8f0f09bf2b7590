import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { KV } from '@nats-io/kv';
import { createLog } from '../runtime/server/log.ts';
import { serve } from '../tests/support/served.ts';
import { bareServer } from './bare-server.ts';
import type { Figure } from './measure.ts';
import { compare, pipelined } from './measure.ts';
import { stage } from './stage.ts';

const REQUESTS = 10_000;
const CONNECTIONS = 32;
const IN_FLIGHT = 64;
const VALUE = JSON.stringify({ name: 'Ada', plan: 'pro', visits: 17 });

/** One put a request against a bare node:http handler that does the same put with the client and validates nothing. */
export async function httpPut(): Promise<Figure> {
  await using s = await stage();
  const kv: KV = await s.bucket('bench');
  await using http = await serve(s.kvflow, { log: realLog() });
  await using bare = await bareServer(kv);
  await using load = await startLoad();
  const body = JSON.stringify({ bucket: 'bench', key: 'user.1', value: VALUE });
  const send = (url: string) =>
    load.send({
      url: `${url}/functions/kv-key-put/invocations`,
      body,
      requests: REQUESTS,
      connections: CONNECTIONS,
    });
  return await compare(
    'requests/s',
    REQUESTS,
    () => send(http.url),
    () => send(bare.url),
  );
}

/**
 * `transform-http`: one event a request over HTTP, 64 in flight, against one put a request by the same server. Goal 0.5.
 */
export async function transformHttp(): Promise<Figure> {
  await using s = await stage();
  await s.bucket('bench');
  await using http = await serve(s.kvflow, { log: realLog() });
  await using load = await startLoad();
  const send = (name: string, input: object) =>
    load.send({
      url: `${http.url}/functions/${name}/invocations`,
      body: JSON.stringify(input),
      requests: REQUESTS,
      connections: IN_FLIGHT,
    });
  const event = { event_type: 'page', user: { email: 'someone@example.com', plan: 'pro' }, visits: 17 };
  return await compare(
    'requests/s',
    REQUESTS,
    () => send('transform', { script: 'return {...$, kind: $.event_type + 1}', event }),
    () => send('kv-key-put', { bucket: 'bench', key: 'user.1', value: VALUE }),
  );
}

const BATCH = 100;
const BATCHES = 1_000;

/** 100 puts a request against puts by in-process invoke, pipelined. */
export async function httpBatch(): Promise<Figure> {
  await using s = await stage();
  await s.bucket('bench');
  await using http = await serve(s.kvflow, { log: realLog() });
  await using load = await startLoad();
  const input = (i: number) => ({ bucket: 'bench', key: `user.${i}`, value: VALUE });
  const items = Array.from({ length: BATCH }, (_, i) => ({ function: 'kv-key-put', input: input(i) }));
  const body = JSON.stringify({ items });
  return await compare(
    'puts/s',
    BATCH * BATCHES,
    () => load.send({ url: `${http.url}/invocations`, body, requests: BATCHES, connections: 8 }),
    () => pipelined(BATCH * BATCHES, 256, i => s.call('kv-key-put', input(i % BATCH))),
  );
}

/** The logger of `kvflow start`, its lines written and thrown away. */
function realLog() {
  return createLog({ level: 'info', destination: '/dev/null' }).logger;
}

/** What one run of load sends. */
export interface Load {
  url: string;
  /** One, or several that are sent in turn. */
  body: string | string[];
  requests: number;
  connections: number;
}

/** Sends from a process of its own, so that the client's work is not taken for the server's. */
export async function startLoad() {
  const child: ChildProcess = fork(join(import.meta.dirname, 'load.ts'));
  await once(child, 'message');
  return {
    send: async (load: Load) => {
      child.send(load);
      const [answer] = (await once(child, 'message')) as [{ error?: string }];
      if (answer.error) throw new Error(answer.error);
    },
    [Symbol.asyncDispose]: async () => {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}
