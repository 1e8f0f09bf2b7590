import type { KV } from '@nats-io/kv';
import { Kvm } from '@nats-io/kv';
import { connect } from '@nats-io/transport-node';
import type { Envelope } from '../runtime/core/envelope.ts';
import { isFailure } from '../runtime/core/envelope.ts';
import { joinNats } from '../tests/support/kvflow.ts';
import { startNats } from '../tests/support/nats.ts';

/** A server, our functions on it, and the client library the baselines use, each on a connection of its own kind. */
export async function stage() {
  const server = await startNats();
  const kvflow = joinNats({ servers: [server.url] }, { validateOutput: false });
  const nc = await connect({ servers: server.url, noAsyncTraces: true });
  const kvm = new Kvm(nc);
  return {
    server,
    kvflow,
    nc,
    bucket: (name: string): Promise<KV> => kvm.create(name, { storage: 'memory' as never }),
    call: async (name: string, input: unknown) => must(await kvflow.invoke(name, input)),
    [Symbol.asyncDispose]: async () => {
      await nc.close();
      await kvflow[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** A failed call must not count as a fast one. */
export function must(envelope: Envelope): unknown {
  if (isFailure(envelope)) throw new Error(JSON.stringify(envelope));
  return envelope.data;
}
