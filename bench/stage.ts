import type { KV } from '@nats-io/kv';
import { Kvm } from '@nats-io/kv';
import { connect } from '@nats-io/transport-node';
import type { Envelope } from '../runtime/core/envelope.ts';
import { isFailure } from '../runtime/core/envelope.ts';
import { joinNats } from '../tests/support/kvflow.ts';
import { startNats } from '../tests/support/nats.ts';

/** What the server does otherwise than by default. */
export interface StageOptions {
  /** `always`: what is acknowledged is on disk, as kvflow's own server does it. */
  sync?: string;
}

/** A server, our functions on it, and the client library the baselines use, each on a connection of its own kind. */
export async function stage({ sync }: StageOptions = {}) {
  const server = await startNats(sync ? { sync } : {});
  const kvflow = joinNats({ servers: [server.url] }, { validateOutput: false });
  const nc = await connect({ servers: server.url, noAsyncTraces: true });
  const kvm = new Kvm(nc);
  return {
    server,
    kvflow,
    nc,
    bucket: (name: string): Promise<KV> => kvm.create(name, { storage: 'memory' as never }),
    /** A bucket as kv-bucket-create makes it. */
    ownBucket: async (name: string, storage: 'memory' | 'file'): Promise<KV> => {
      must(await kvflow.invoke('kv-bucket-create', { bucket: name, storage }));
      return await kvm.open(name);
    },
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
