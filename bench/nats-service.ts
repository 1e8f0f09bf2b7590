import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createServiceClient } from '../runtime/nats/service/client.ts';
import { registry } from '../tests/support/kvflow.ts';
import type { Figure } from './measure.ts';
import { compare, pipelined } from './measure.ts';
import { must, stage } from './stage.ts';

const COUNT = 20_000;
const IN_FLIGHT = 256;
const VALUE = JSON.stringify({ name: 'Ada', plan: 'pro', visits: 17 });
/** Of these, one is left for nats-server and one for the caller. */
const CORES_FOR_TWO = 4;

/**
 * kv-key-put through the micro-service, which runs in a process of its own as it does in use, against the client's own
 * put: two hops instead of one. The note tells what a second process adds, where there are cores for it.
 */
export async function natsService(): Promise<Figure> {
  await using s = await stage();
  const kv = await s.bucket('bench');
  const invoke = createServiceClient({ requests: s.kvflow.nats.requests, registry });
  const input = (i: number) => ({ bucket: 'bench', key: `user.${i}`, value: VALUE });
  const ours = () => pipelined(COUNT, IN_FLIGHT, async i => must(await invoke('kv-key-put', input(i))));
  await using _one = await startWorker(s.server.url);
  const figure = await compare('puts/s', COUNT, ours, () =>
    pipelined(COUNT, IN_FLIGHT, i => kv.put(`user.${i}`, VALUE)),
  );
  const cores = availableParallelism();
  if (cores < CORES_FOR_TWO) return { ...figure, note: `two processes not measured: ${cores} cores` };
  const before = figure.value;
  await using _two = await startWorker(s.server.url);
  const both = await compare('puts/s', COUNT, ours, () =>
    pipelined(COUNT, IN_FLIGHT, i => kv.put(`user.${i}`, VALUE)),
  );
  return { ...figure, note: `two processes: ${(both.value / before).toFixed(2)} of one` };
}

async function startWorker(url: string) {
  const child: ChildProcess = fork(join(import.meta.dirname, 'nats-service-worker.ts'), [url]);
  await once(child, 'message');
  return {
    [Symbol.asyncDispose]: async () => {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}
