import { join } from 'node:path';
import type { Destination, Destinations } from '../../runtime/core/destinations.ts';
import { takeLock } from '../../runtime/locks/lock-file.ts';
import { createLazyRemote } from '../../runtime/main/remote.ts';
import { RECOGNITION_DEFAULTS } from '../../runtime/recognition/settings.ts';
import { createDestinations } from '../../runtime/warehouses/destinations.ts';
import { freePort } from '../support/free-port.ts';
import type { JoinOptions, TestKvflow } from '../support/kvflow.ts';
import { joinNats } from '../support/kvflow.ts';
import { startNats } from '../support/nats.ts';
import { serve } from '../support/served.ts';
import { tempDir } from '../support/temp-dir.ts';
import { memoryDestination } from '../support/warehouses/memory.ts';

/** What is fuzzed, and values that only this one has, by the names of properties. */
export interface World extends AsyncDisposable {
  k: TestKvflow;
  values: Record<string, readonly unknown[]>;
}

/**
 * kvflow on a server of its own, with a warehouse in this thread, which costs a call nothing, and one in a file, whose every query
 * is a process; what it may send to is itself, over HTTP, and its own NATS.
 */
export async function startWorld(onError: JoinOptions['onError']): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await tempDir());
  const server = stack.use(await startNats());
  const port = await freePort();
  const hosts = [`127.0.0.1:${port}`, `nats://127.0.0.1:${new URL(server.url).port}`];
  const table = { table: 'events', tables: ['others'], primaryKeyFields: ['event_id'] };
  const url = join(folder.path, 'warehouse.db');
  const k = stack.use(
    joinNats(
      { servers: [server.url] },
      {
        ...(onError && { onError }),
        // A tenant's second worker would be ended for another's first.
        sandbox: { maxPerNamespace: 1 },
        remote: createLazyRemote({ hosts, private: true }),
        recognition: kv => {
          const files = createDestinations({
            destinations: { file: { type: 'sqlite', url, query: true, ...table } },
            kv,
            dataDir: '/nowhere',
            takeLock,
          });
          stack.defer(files.close);
          const destinations = beside(files, memoryDestination('warehouse', { ...table, query: true }));
          return { destinations, defaults: { ...RECOGNITION_DEFAULTS, reconcileAfterMs: 0 } };
        },
      },
    ),
  );
  const served = stack.use(await serve(k, { port }));
  const kept = stack.move();
  const values = { url: [server.url, served.url, server.url, served.url, 'https://elsewhere.example'] };
  return { k, values, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

function beside(others: Destinations, one: Destination): Destinations {
  return {
    names: [...others.names, one.name].sort(),
    open: name => (name === one.name ? Promise.resolve(one) : others.open(name)),
  };
}
