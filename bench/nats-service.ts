import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { NatsConnection } from '@nats-io/transport-node';
import { createServiceClient } from '../runtime/nats/service/client.ts';
import { functionSubject } from '../runtime/nats/service/subjects.ts';
import { registry } from '../tests/support/kvflow.ts';
import type { Figure } from './measure.ts';
import { compare, median, pipelined, time } from './measure.ts';
import { must, stage } from './stage.ts';

const COUNT = 20_000;
const IN_FLIGHT = 256;
const ROUNDS = 3;
const VALUE = JSON.stringify({ name: 'Ada', plan: 'pro', visits: 17 });
const PUT = 'kv-key-put';

/**
 * kv-key-put through the micro-service, which runs in a process of its own as it does in use, against the client's own
 * put: two hops instead of one. The note tells what a second process makes of it.
 */
export async function natsService(): Promise<Figure> {
  await using s = await stage();
  const kv = await s.bucket('bench');
  const invoke = createServiceClient({ requests: s.kvflow.nats.requests, registry });
  const input = (i: number) => ({ bucket: 'bench', key: `user.${i}`, value: VALUE });
  const ours = () => pipelined(COUNT, IN_FLIGHT, async i => must(await invoke(PUT, input(i))));
  const figure = await withWorker(s.server.url, () =>
    compare('puts/s', COUNT, ours, () => pipelined(COUNT, IN_FLIGHT, i => kv.put(`user.${i}`, VALUE))),
  );
  return { ...figure, note: await scaling(s.server.url, s.nc) };
}

/**
 * Two processes against one, in turn, by a caller that does as little as it can: bytes that were made before, answers
 * that nobody reads. With 2 cores for a caller, nats-server and one process there is nothing left for another one.
 */
async function scaling(url: string, nc: NatsConnection): Promise<string> {
  const body = new TextEncoder().encode(JSON.stringify({ bucket: 'bench', key: 'user.1', value: VALUE }));
  const subject = functionSubject(PUT);
  const calls = () =>
    pipelined(COUNT, IN_FLIGHT, async () => {
      const { headers } = await nc.request(subject, body, { timeout: 10_000 });
      if (headers?.get('Nats-Service-Error')) throw new Error(headers.get('Nats-Service-Error'));
    });
  const ratios: number[] = [];
  await withWorker(url, async () => {
    await calls();
    for (let round = 0; round < ROUNDS; round++) {
      const alone = await time(calls);
      ratios.push(alone / (await withWorker(url, () => warmed(calls))));
    }
  });
  return `two processes: ${median(ratios).toFixed(2)} of one, on ${availableParallelism()} cores`;
}

/** Milliseconds, not counting what a process that has just started learns. */
async function warmed(calls: () => Promise<void>): Promise<number> {
  await calls();
  return await time(calls);
}

async function withWorker<T>(url: string, task: () => Promise<T>): Promise<T> {
  const child: ChildProcess = fork(join(import.meta.dirname, 'nats-service-worker.ts'), [url]);
  await once(child, 'message');
  try {
    return await task();
  } finally {
    child.disconnect();
    await once(child, 'exit');
  }
}
